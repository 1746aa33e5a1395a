import type { TextKind } from '@weft/client/protocol';
import * as Y from 'yjs';
import type { Revision } from '../../event-store/eventStore.ts';
import { checkUpdate, type OperationId } from '../update/checkUpdate.ts';
import { ContentPlaces } from '../judging/contentPlaces.ts';
import type { DecodedUpdate, Struct, UpdateDecoder } from '../update/decodeUpdate.ts';
import { DeletedContent } from '../judging/deletedContent.ts';
import { judgeContent, type JudgedBefore, type TextShape } from '../judging/judgeContent.ts';
import { KnownContent } from '../update/knownContent.ts';
import type { LoadedText } from '../stored/loadText.ts';
import { decodeStateVector } from '../update/stateVector.ts';
import type { TextState } from '../stored/textState.ts';
import { trimUpdate } from '../update/trimUpdate.ts';
import { UpdateLog } from '../stored/updateLog.ts';
import { MAX_UPDATE_RUNS } from '../judging/updateLimits.ts';

export type TakenUpdate =
  /** It is accepted: `update` is what is new of it, a copy, to be made durable. */
  | { readonly outcome: 'accepted'; readonly update: Uint8Array }
  /** Everything in it was accepted before. */
  | { readonly outcome: 'known' }
  /** It depends on `missing`, or on more. Nothing of it is accepted. */
  | { readonly outcome: 'incomplete'; readonly missing: OperationId }
  | { readonly outcome: 'malformed'; readonly detail: string }
  | { readonly outcome: 'too-big'; readonly detail: string }
  /** It brings content under a client id that is somebody else's. */
  | { readonly outcome: 'foreign'; readonly client: number }
  /** It brings content of an earlier epoch, or depends on it. */
  | { readonly outcome: 'other-epoch' };

type StateVectorRefusal =
  | { readonly outcome: 'malformed' }
  /** It is of a text with content of an earlier epoch. */
  | { readonly outcome: 'other-epoch' };

export type JudgedStateVector = { readonly outcome: 'sound'; readonly isEmpty: boolean } | StateVectorRefusal;

export type TextDifference = { readonly outcome: 'update'; readonly update: Uint8Array } | StateVectorRefusal;

export type TextContentOptions = {
  /** Of what is stored. */
  readonly decode: UpdateDecoder;
  readonly text: LoadedText;
  readonly kind: TextKind;
  /** The root type's name. */
  readonly field: string;
  /** The id of the user who shows a cursor, or did lately, under a client id that nobody wrote under yet. Default: nobody. */
  readonly claimantOf?: ((client: number) => string | undefined) | undefined;
};

/** Of what is durable now. */
type KnownDifference = {
  /** Of the log. */
  readonly version: number;
  readonly stateVector: Uint8Array;
  readonly difference: TextDifference;
};

/** Bytes that a remembered difference may take. Who lacks more was away for longer, and not so many were as long. */
const MAX_REMEMBERED_DIFFERENCE = 256 * 1024;

/**
 * A text as bytes, with what is known of it. It holds no document and integrates nothing, so an update cannot damage
 * it: an update is decoded and judged before anything changes.
 *
 * What is accepted is known at once, so that it is neither asked for nor taken twice; only what is durable is in the
 * log and told to others.
 */
export class TextContent {
  readonly log: UpdateLog;
  readonly epoch: string;
  readonly #shape: TextShape;
  readonly #claimantOf: (client: number) => string | undefined;
  readonly #known: KnownContent;
  /** Of a rich text; a plain one has no places. */
  readonly #places: ContentPlaces | undefined;
  readonly #retired: ReadonlySet<number>;
  /** The most that there ever were: who was away for a while still repeats those that have become one since. */
  #mostDeletedRuns: number;
  #revision: Revision | undefined;
  #lastDifference: KnownDifference | undefined;

  /** Throws where what was loaded is damaged. */
  constructor({ decode, text, kind, field, claimantOf = () => undefined }: TextContentOptions) {
    const decoded = decode(text.update);
    if (!decoded) throw new Error('what is stored is no text');
    this.#shape = { kind, field };
    this.#claimantOf = claimantOf;
    this.#known = new KnownContent(text.owners);
    if (kind === 'rich-text') this.#places = locate(decoded, text.owners);
    this.#known.add(decoded);
    this.#mostDeletedRuns = this.#known.deletedRuns;
    this.log = new UpdateLog(text.update);
    this.epoch = text.epoch;
    this.#retired = text.retired;
    this.#revision = text.revision;
  }

  /** Of the newest event in the log. */
  get revision(): Revision | undefined {
    return this.#revision;
  }

  /** What a snapshot keeps beside the update. */
  describe(): Omit<TextState, 'update'> {
    return { epoch: this.epoch, owners: this.#known.owners, retired: this.#retired };
  }

  /** Takes an update that somebody sent. Anything but `accepted` leaves everything as it is. */
  take(bytes: Uint8Array, userId: string): TakenUpdate {
    const judged = judgeContent(bytes, this.#shape, this.#judgedBefore());
    if (judged.outcome !== 'sound') return judged;
    const { update } = judged;
    const refusal = this.#refuse(update, userId);
    if (refusal) return refusal;
    const unfit = this.#check(update, userId);
    if (unfit) {
      this.#places?.takeBack();
      return unfit;
    }
    const added = trimUpdate(bytes, update, this.#known);
    this.#known.addOf(userId, update);
    this.#mostDeletedRuns = Math.max(this.#mostDeletedRuns, this.#known.deletedRuns);
    this.#places?.keep();
    return { outcome: 'accepted', update: added };
  }

  /** Adds what became durable. */
  append(update: Uint8Array, revision: Revision): void {
    this.log.append(update);
    this.#revision = revision;
  }

  knows({ client, clock }: OperationId): boolean {
    return this.#known.clockOf(client) > clock;
  }

  /** Of everything accepted. */
  encodeStateVector(): Uint8Array {
    return this.#known.encodeStateVector();
  }

  /** What is durable and a client of that state vector lacks. Asked for again before something is added, it costs nothing. */
  diff(stateVector: Uint8Array): TextDifference {
    const last = this.#lastDifference;
    const { version } = this.log;
    if (last?.version === version && Buffer.compare(last.stateVector, stateVector) === 0)
      return last.difference;
    const difference = this.#makeDifference(stateVector);
    if (isSmall(stateVector, difference)) {
      this.#lastDifference = { version, stateVector: stateVector.slice(), difference };
    }
    return difference;
  }

  /** Whether `diff` takes it, for much less than the difference costs. */
  judgeStateVector(stateVector: Uint8Array): JudgedStateVector {
    const clocks = decodeStateVector(stateVector, this.#known.clients + MAX_UPDATE_RUNS);
    if (!clocks) return { outcome: 'malformed' };
    if (this.#isRetired(clocks.keys())) return { outcome: 'other-epoch' };
    return { outcome: 'sound', isEmpty: clocks.size === 0 };
  }

  #makeDifference(stateVector: Uint8Array): TextDifference {
    const judged = this.judgeStateVector(stateVector);
    if (judged.outcome !== 'sound') return judged;
    const whole = this.log.whole();
    return { outcome: 'update', update: judged.isEmpty ? whole : Y.diffUpdate(whole, stateVector) };
  }

  #judgedBefore(): JudgedBefore {
    return {
      deletedRuns: this.#mostDeletedRuns,
      // All of an earlier epoch was taken then, and is to be refused for being old.
      clockOf: (client) => (this.#retired.has(client) ? Infinity : this.#known.clockOf(client)),
    };
  }

  #refuse(update: DecodedUpdate, userId: string): TakenUpdate | undefined {
    if (this.#isRetired(update.sections.map(({ client }) => client))) return { outcome: 'other-epoch' };
    const client = this.#known.findForeignClient(update, userId, this.#claimantOf);
    return client === undefined ? undefined : { outcome: 'foreign', client };
  }

  #check(update: DecodedUpdate, userId: string): TakenUpdate | undefined {
    let fault: string | undefined;
    const places = this.#places;
    const placing = { ownerOf: () => userId, deleted: whatIsDeleted(update, this.#known) };
    const onNew = places && ((struct: Struct, from: number) => (fault ??= places.add(struct, from, placing)));
    const checked = checkUpdate(update, this.#known, onNew);
    if (fault !== undefined) return { outcome: 'malformed', detail: fault };
    if (checked.verdict === 'gap') return this.#waitFor(checked.missing);
    return checked.verdict === 'no-op' ? { outcome: 'known' } : undefined;
  }

  #waitFor(missing: OperationId): TakenUpdate {
    return this.#retired.has(missing.client)
      ? { outcome: 'other-epoch' }
      : { outcome: 'incomplete', missing };
  }

  #isRetired(clients: Iterable<number>): boolean {
    if (this.#retired.size === 0) return false;
    for (const client of clients) if (this.#retired.has(client)) return true;
    return false;
  }
}

function isSmall(stateVector: Uint8Array, difference: TextDifference): boolean {
  if (difference.outcome !== 'update') return false;
  return stateVector.byteLength + difference.update.byteLength <= MAX_REMEMBERED_DIFFERENCE;
}

/** What is stored is where it is, whatever today's rules say of it. */
function locate(text: DecodedUpdate, owners: ReadonlyMap<number, string>): ContentPlaces {
  const places = new ContentPlaces();
  const nothing = new KnownContent();
  const placing = {
    ownerOf: (client: number) => owners.get(client),
    deleted: whatIsDeleted(text, nothing),
  };
  checkUpdate(text, nothing, (struct, from) => void places.add(struct, from, placing));
  places.keep();
  return places;
}

function whatIsDeleted({ deletions }: DecodedUpdate, known: KnownContent): DeletedContent {
  return new DeletedContent({
    deletions,
    isDeleted: (client, range) => known.isDeleted(client, range),
  });
}
