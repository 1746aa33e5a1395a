import type { TextKind } from '@weft/client/protocol';
import * as Y from 'yjs';
import { CONTENT_RULES, type ContentRules } from './contentRules.ts';
import {
  type DecodedUpdate,
  endOf,
  type Section,
  type Struct,
  takeUpdateApart,
} from '../update/decodeUpdate.ts';
import { LimitedDecoder } from './limitedDecoder.ts';
import { fits } from './place.ts';
import { MAX_CLIENT_CLOCK, MAX_EMPTY_RUN_LENGTH, MAX_NAME_LENGTH, MAX_UPDATE_RUNS } from './updateLimits.ts';
import { UpdateRefusal } from './updateRefusal.ts';

/** What a text takes: the kind of its content, and the name of the root that all of it is in. */
export type TextShape = {
  readonly kind: TextKind;
  readonly field: string;
  /** Structs and deleted ranges of an update besides the deletions that are known. Default: `MAX_UPDATE_RUNS`. */
  readonly maxRuns?: number | undefined;
};

export type JudgedUpdate =
  | { readonly outcome: 'sound'; readonly update: DecodedUpdate }
  /** No correct client makes such an update of such a text; `detail` says why, for people. */
  | { readonly outcome: 'malformed'; readonly detail: string }
  | { readonly outcome: 'too-big'; readonly detail: string };

/** What was taken before. */
export type JudgedBefore = {
  /** As many as an update of all deletions has, or had. */
  readonly deletedRuns: number;
  /** Everything of the client before this clock is known. */
  readonly clockOf: (client: number) => number;
};

const NOTHING: JudgedBefore = { deletedRuns: 0, clockOf: () => 0 };

/**
 * Decodes an update from outside and judges what it holds by itself. Gives up at the first
 * fault, so that no update takes longer than the largest that is sound.
 *
 * What is known already is not judged again by its length: several runs that were taken one by one become one in a
 * document, and come back as such from people who never made them. Who reconnects repeats all deletions of the text,
 * so as many runs as are known of them come on top.
 */
export function judgeContent(
  bytes: Uint8Array,
  shape: TextShape,
  known: JudgedBefore = NOTHING,
): JudgedUpdate {
  const rules = CONTENT_RULES[shape.kind];
  try {
    const update = takeUpdateApart(
      bytes,
      new LimitedDecoder(bytes, { rules, maxRuns: (shape.maxRuns ?? MAX_UPDATE_RUNS) + known.deletedRuns }),
    );
    if (!update) return refuse('the update cannot be read');
    const fault = findFault(update, { ...rules, field: shape.field, known });
    return fault ?? { outcome: 'sound', update };
  } catch (error) {
    if (error instanceof UpdateRefusal) return { outcome: error.outcome, detail: error.message };
    // Yjs and lib0 throw on input that they cannot read; that is an expected outcome here.
    return refuse('the update cannot be read');
  }
}

const TOO_FAR = 'a clock is further than any client gets';

type Rules = ContentRules & { readonly field: string; readonly known: JudgedBefore };

function refuse(detail: string): JudgedUpdate {
  return { outcome: 'malformed', detail };
}

function findFault({ sections, deletions }: DecodedUpdate, rules: Rules): JudgedUpdate | undefined {
  for (const section of sections) {
    const fault = findSectionFault(section, rules);
    if (fault) return fault;
  }
  for (const ranges of deletions.values()) {
    if (ranges.some(({ end }) => end > MAX_CLIENT_CLOCK)) return refuse(TOO_FAR);
  }
  return undefined;
}

function findSectionFault({ client, structs }: Section, rules: Rules): JudgedUpdate | undefined {
  const last = structs.at(-1);
  if (last instanceof Y.Skip) return refuse('nothing follows what the update leaves out');
  const known = rules.known.clockOf(client);
  if (last && endOf(last) > Math.max(known, MAX_CLIENT_CLOCK)) return refuse(TOO_FAR);
  for (const struct of structs) {
    const fault =
      findRunFault(struct, known) ?? (struct instanceof Y.Item ? findItemFault(struct, rules) : undefined);
    if (fault) return fault;
  }
  return undefined;
}

function findRunFault(struct: Struct, known: number): JudgedUpdate | undefined {
  if (struct.length <= MAX_EMPTY_RUN_LENGTH || hasContent(struct)) return undefined;
  const added = endOf(struct) - Math.max(struct.id.clock, known);
  return added > MAX_EMPTY_RUN_LENGTH ? refuse('a run without content is too long') : undefined;
}

function hasContent(struct: Struct): boolean {
  return struct instanceof Y.Item && !(struct.content instanceof Y.ContentDeleted);
}

function findItemFault(item: Y.Item, rules: Rules): JudgedUpdate | undefined {
  // Undefined by Yjs' types, but an item that was only decoded has the name of its root, or an id.
  const parent: unknown = item.parent;
  if (typeof parent === 'string' && parent !== rules.field) return refuse('the text has no such root');
  if (parent === null) return undefined;
  return findPlaceFault(item, rules);
}

/** Only what does not say beside what it is can be judged by itself: the rest is where its neighbour is. */
function findPlaceFault({ parent, parentSub, content }: Y.Item, rules: Rules): JudgedUpdate | undefined {
  if (!rules.isNested) {
    const isBare = parentSub === null && !(parent instanceof Y.ID);
    return isBare ? undefined : refuse('content is inside other content, which a plain text has not');
  }
  if (parentSub !== null && parentSub.length > MAX_NAME_LENGTH) {
    return { outcome: 'too-big', detail: 'a name is too long' };
  }
  // A text takes whatever any container does in its sequence.
  const outer = parent instanceof Y.ID ? 'text' : 'root';
  const isFit = fits(content, parentSub === null ? outer : 'keyed');
  return isFit ? undefined : refuse('content is where no such content can be');
}
