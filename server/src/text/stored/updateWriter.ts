import type { User } from '@weft/client/protocol';
import type {
  AppendResult,
  EventStore,
  NewEvent,
  Revision,
  StreamName,
} from '../../event-store/eventStore.ts';
import type { Clock } from '../../lifecycle/clock.ts';
import type { Logger } from '../../lifecycle/logger.ts';
import { appendUntilStored, type PersistentAppend } from './appendUntilStored.ts';
import { MAX_PART_BYTES } from './eventParts.ts';
import { mergeUpdates } from '../update/mergeUpdates.ts';
import type { Ticks } from '../room/ticks.ts';
import type { PendingBytes } from './pendingBytes.ts';
import type { Seat } from '../room/seat.ts';
import { toTextUpdated } from './textEvents.ts';

/** What an array of bytes takes besides its bytes. */
const OVERHEAD_BYTES = 128;

/** What a person takes in an event besides what was typed: the name may be long. */
const PERSON_OVERHEAD_BYTES = 1024;

/** An update frame that was judged. */
export type Arrival = {
  readonly seat: Seat;
  /** Undefined where the frame adds nothing. Kept, so it must not change. */
  readonly update: Uint8Array | undefined;
  /** How many of the seat's frames are saved once this one is; undefined where an earlier one cannot be. */
  readonly count: number | undefined;
};

/** What became durable together. */
export type Stored = {
  /** How many of their frames are saved now. */
  readonly counts: ReadonlyMap<Seat, number>;
  /** Absent where frames that add nothing had waited for others. */
  readonly written?: Written;
};

export type Written = {
  /** All of it as one update. */
  readonly update: Uint8Array;
  readonly senders: ReadonlySet<Seat>;
  /** Of the event, or of its last part. */
  readonly revision: Revision;
};

/** Why a writer stores no more: its stream is gone, or what was accepted cannot be written. */
export type WriterEnding =
  { readonly kind: 'tombstoned' } | { readonly kind: 'broken'; readonly err: unknown };

export type UpdateWriterOptions = {
  readonly stream: StreamName;
  readonly store: EventStore;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly createId: () => string;
  /** When to append what has gathered. */
  readonly ticks: Ticks;
  /** Told what waits here, from the moment when it is added to when it is stored or given up. */
  readonly pending: PendingBytes;
  readonly onStored: (stored: Stored) => void;
  /** Called at most once; nothing is stored after it. */
  readonly onEnded: (ending: WriterEnding) => void;
};

type Contribution = { readonly user: User; readonly updates: Uint8Array[] };

/** What is stored together. */
type Batch = {
  readonly byUser: Map<string, Contribution>;
  readonly senders: Set<Seat>;
  readonly counts: Map<Seat, number>;
  bytes: number;
};

type Writing = { append: PersistentAppend | undefined; readonly ended: Promise<void> };

/** A batch made ready. */
type Prepared = {
  /** All of it as one update. */
  readonly update: Uint8Array;
  /** Each stored by an append of its own. */
  readonly events: readonly NewEvent[];
};

/**
 * Makes what arrives durable, in order: one append at a time, and what comes meanwhile forms the next, merged per
 * person. An append that fails is tried again until it succeeds. What is too large for one append waits for the next;
 * a single update that is too large is stored in parts, one an append, and counts as stored with the last of them.
 */
export class UpdateWriter {
  readonly #options: UpdateWriterOptions;
  /** Oldest first. */
  #queued: Batch[] = [];
  #writing: Writing | undefined;
  #pendingBytes = 0;
  #isHurried = false;
  #isStopped = false;
  #onRest: (() => void) | undefined;

  constructor(options: UpdateWriterOptions) {
    this.#options = options;
  }

  /** Whether everything that was added is durable. */
  get isIdle(): boolean {
    return !this.#writing && this.#queued.length === 0;
  }

  /** About the memory that waits for the store. */
  get pendingBytes(): number {
    return this.#pendingBytes;
  }

  /** May call `onStored` before it returns, where there is nothing to wait for. */
  add({ seat, update, count }: Arrival): void {
    if (this.#isStopped) return;
    if (update) this.#contribute(seat, update);
    if (count !== undefined) this.#newest().counts.set(seat, count);
    this.#continue();
  }

  /** Tries until everything is stored or the time is over, and answers which. Nothing may be added any more. */
  async drain(milliseconds: number): Promise<boolean> {
    this.#isHurried = true;
    this.#writing?.append?.hurry();
    this.#continue();
    if (this.isIdle || this.#isStopped) return this.isIdle;
    return new Promise((resolve) => {
      const cancel = this.#options.clock.after(milliseconds, () => resolve(false));
      this.#onRest = () => {
        cancel();
        resolve(this.isIdle);
      };
    });
  }

  /** Drops what is not being written. Resolves when no append is under way. Idempotent. */
  async stop(): Promise<void> {
    this.#halt();
    this.#writing?.append?.stop();
    await this.#writing?.ended;
    this.#onRest?.();
  }

  #contribute(seat: Seat, update: Uint8Array): void {
    const { user } = seat.participant;
    let batch = this.#newest();
    let cost = costOf(batch, user, update);
    if (batch.byUser.size > 0 && batch.bytes + cost > MAX_PART_BYTES) {
      batch = this.#addBatch();
      cost = costOf(batch, user, update);
    }
    const contribution = batch.byUser.get(user.id);
    if (contribution) contribution.updates.push(update);
    else batch.byUser.set(user.id, { user, updates: [update] });
    batch.senders.add(seat);
    batch.bytes += cost;
    this.#pendingBytes += cost;
    this.#options.pending.add(cost);
  }

  #newest(): Batch {
    return this.#queued.at(-1) ?? this.#addBatch();
  }

  #addBatch(): Batch {
    const batch: Batch = { byUser: new Map(), senders: new Set(), counts: new Map(), bytes: 0 };
    this.#queued.push(batch);
    return batch;
  }

  #release({ bytes }: Batch): void {
    this.#pendingBytes -= bytes;
    this.#options.pending.remove(bytes);
  }

  #continue(): void {
    if (this.#isStopped || this.#writing) return;
    if (this.#queued.length === 0) this.#onRest?.();
    else if (this.#isHurried) this.#next();
    else this.#options.ticks.request(this.#next);
  }

  readonly #next = (): void => {
    if (this.#isStopped || this.#writing) return;
    const batch = this.#queued.shift();
    if (!batch) return;
    if (batch.byUser.size > 0) return this.#write(batch);
    try {
      this.#options.onStored({ counts: batch.counts });
      this.#continue();
    } catch (err) {
      this.#end({ kind: 'broken', err });
    }
  };

  #write(batch: Batch): void {
    const { promise, resolve } = Promise.withResolvers<undefined>();
    const writing: Writing = { append: undefined, ended: promise };
    this.#writing = writing;
    void this.#store(batch, writing)
      .catch((err: unknown) => this.#end({ kind: 'broken', err }))
      .then(() => resolve(undefined));
  }

  async #store(batch: Batch, writing: Writing): Promise<void> {
    let update: Uint8Array;
    let result: AppendResult | undefined;
    try {
      const prepared = this.#prepare(batch);
      update = prepared.update;
      result = await this.#appendAll(prepared.events, writing);
    } finally {
      this.#writing = undefined;
      this.#release(batch);
    }
    this.#finish(batch, update, result);
  }

  #prepare({ byUser }: Batch): Prepared {
    const { clock, createId } = this.#options;
    const at = new Date(clock.now()).toISOString();
    const contributions = [...byUser.values()].map(({ user, updates }) => {
      return { user, update: mergeUpdates(updates) };
    });
    return {
      update: mergeUpdates(contributions.map(({ update }) => update)),
      events: toTextUpdated({ at, createId, contributions }),
    };
  }

  /** The last one's result, or that of the first which was not stored. Undefined where it was stopped. */
  async #appendAll(events: readonly NewEvent[], writing: Writing): Promise<AppendResult | undefined> {
    const { clock, logger, store, stream } = this.#options;
    let result: AppendResult | undefined;
    for (const event of events) {
      if (this.#isStopped) return undefined;
      writing.append = appendUntilStored({ store, stream, events: [event], clock, logger });
      if (this.#isHurried) writing.append.hurry();
      result = await writing.append.result;
      if (result?.outcome !== 'appended') return result;
    }
    return result;
  }

  #finish({ senders, counts }: Batch, update: Uint8Array, result: AppendResult | undefined): void {
    if (this.#isStopped || !result) return;
    if (result.outcome === 'tombstoned') return this.#end({ kind: 'tombstoned' });
    if (result.outcome === 'wrong-expected-revision') {
      throw new Error('an append that expected any revision was refused');
    }
    const written = { update, senders, revision: result.lastRevision };
    this.#options.onStored({ counts, written });
    this.#continue();
  }

  #end(ending: WriterEnding): void {
    if (this.#isStopped) return;
    this.#halt();
    this.#onRest?.();
    this.#options.onEnded(ending);
  }

  #halt(): void {
    this.#isStopped = true;
    this.#options.ticks.withdraw(this.#next);
    for (const batch of this.#queued.splice(0)) this.#release(batch);
  }
}

/** What an update adds to a batch. */
function costOf(batch: Batch, user: User, update: Uint8Array): number {
  const person = batch.byUser.has(user.id) ? 0 : PERSON_OVERHEAD_BYTES;
  return update.byteLength + OVERHEAD_BYTES + person;
}
