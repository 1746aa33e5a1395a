import * as Y from 'yjs';
import type { Revision } from '../event-store/eventStore.ts';
import { checkUpdate, type OperationId } from './checkUpdate.ts';
import type { UpdateDecoder } from './decodeUpdate.ts';
import { KnownContent } from './knownContent.ts';
import type { LoadedText } from './loadText.ts';
import { UpdateLog } from './updateLog.ts';

export type TakenUpdate =
  /** It is accepted: `update` is a copy, to be made durable. */
  | { readonly outcome: 'accepted'; readonly update: Uint8Array }
  /** Everything in it was accepted before. */
  | { readonly outcome: 'known' }
  /** It depends on `missing`, or on more. Nothing of it is accepted. */
  | { readonly outcome: 'incomplete'; readonly missing: OperationId }
  | { readonly outcome: 'malformed' };

/**
 * A text as bytes, with what is known of it. It holds no document and integrates nothing, so an update cannot damage
 * it: an update is decoded and judged before anything changes.
 *
 * What is accepted is known at once, so that it is neither asked for nor taken twice; only what is durable is in the
 * log and told to others.
 */
export class TextContent {
  readonly log: UpdateLog;
  readonly #known = new KnownContent();
  readonly #decode: UpdateDecoder;
  #revision: Revision | undefined;

  /** Throws where what was loaded is damaged. */
  constructor(decode: UpdateDecoder, { update, revision }: LoadedText) {
    const decoded = decode(update);
    if (!decoded) throw new Error('what is stored is no text');
    this.#decode = decode;
    this.#known.add(decoded);
    this.log = new UpdateLog(update);
    this.#revision = revision;
  }

  /** Of the newest event in the log. */
  get revision(): Revision | undefined {
    return this.#revision;
  }

  take(bytes: Uint8Array): TakenUpdate {
    const update = this.#decode(bytes);
    if (!update) return { outcome: 'malformed' };
    const judged = checkUpdate(update, this.#known);
    if (judged.verdict === 'gap') return { outcome: 'incomplete', missing: judged.missing };
    if (judged.verdict === 'no-op') return { outcome: 'known' };
    this.#known.add(update);
    return { outcome: 'accepted', update: new Uint8Array(bytes) };
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

  /** What is durable and a client of that state vector lacks. Undefined where it is no state vector. */
  diff(stateVector: Uint8Array): Uint8Array | undefined {
    const clocks = decodeStateVector(stateVector);
    if (!clocks) return undefined;
    const whole = this.log.whole();
    return clocks.size === 0 ? whole : Y.diffUpdate(whole, stateVector);
  }
}

function decodeStateVector(bytes: Uint8Array): Map<number, number> | undefined {
  try {
    return Y.decodeStateVector(bytes);
  } catch {
    // lib0 throws on cut input; that is an expected outcome here.
    return undefined;
  }
}
