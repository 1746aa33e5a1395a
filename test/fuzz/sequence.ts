import type { TextKind } from '@weft/client/protocol';

export const HONEST = ['ada', 'ben'] as const;
export const HOSTILE = ['eve', 'mal'] as const;

export type Sender = (typeof HONEST)[number] | (typeof HOSTILE)[number];

export type FrameStep = { readonly kind: 'frame'; readonly as: Sender; readonly frame: Uint8Array };

/** Frames of several people that come before the first of them is stored. */
export type BurstStep = { readonly kind: 'burst'; readonly frames: readonly FrameStep[] };

/** Somebody erases the text. */
export type EpochStep = { readonly kind: 'epoch' };

/** Everyone leaves, and the text is opened anew: from its events, or from a snapshot. */
export type ReopenStep = { readonly kind: 'reopen'; readonly withSnapshot: boolean };

export type Step = FrameStep | BurstStep | EpochStep | ReopenStep;

/** All that a text lived through, from its beginning. */
export type Sequence = { readonly text: TextKind; readonly steps: readonly Step[] };

/** What went wrong; `rule` is the same for the same kind of fault. */
export type Failure = { readonly rule: string; readonly detail: string };

export function isHonest(sender: Sender): boolean {
  return HONEST.some((name) => name === sender);
}
