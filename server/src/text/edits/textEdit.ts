import type { User } from '@weft/client/protocol';
import type { Json, Revision } from '../../event-store/eventStore.ts';

/** Code units of the base from `at` on give way to other text. */
export type SpanEdit = {
  /** A place in the base, in UTF-16 code units, whatever the other edits do. */
  readonly at: number;
  /** Code units to delete. Default: 0. */
  readonly delete?: number | undefined;
  /** Default: nothing. */
  readonly insert?: string | undefined;
};

/** What is to become of a text. */
export type TextEdit =
  /** A plain text is to be this, by the smallest edits. Its formatting and what is embedded in it stay. */
  | { readonly kind: 'text'; readonly text: string }
  /** In a plain text, edits that do not overlap, in any order. At most 10,000. */
  | { readonly kind: 'edits'; readonly edits: readonly SpanEdit[] }
  /** A text of either kind is to be this, by the smallest edits: what reading it as JSON gives. */
  | { readonly kind: 'content'; readonly content: Json };

/** What an edit is made from: the text as of a revision, of now, or undefined for the text that nobody touched. */
export type EditBase = Revision | 'newest' | undefined;

export type EditOptions = {
  readonly base: EditBase;
  /** Under whose name it is stored. */
  readonly user: User;
  /** An edit is made once under its key, its base and its user. */
  readonly idempotencyKey?: string | undefined;
};

export type TextEditResult =
  | {
      readonly outcome: 'edited';
      /** Of the text with the edit. */
      readonly revision: Revision;
      /** Whether the text is not only what the edit made of its base: others wrote meanwhile, or it was made before. */
      readonly merged: boolean;
    }
  /** The base was so already. Nothing was stored, or with a key only that the edit was made. */
  | { readonly outcome: 'unchanged'; readonly revision: Revision | undefined }
  /** Nothing of it was or will be applied. */
  | { readonly outcome: 'invalid'; readonly detail: string }
  /** The base is not kept any more, is of an earlier epoch, or never was. */
  | { readonly outcome: 'forgotten' }
  /** It could not be stored now; or it is not known whether it was, and `detail` says so. */
  | { readonly outcome: 'unavailable'; readonly detail: string };

export const MAX_SPAN_EDITS = 10_000;
