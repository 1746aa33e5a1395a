import type { User } from '@weft/client/protocol';
import type { AppendResult, EventStore, Revision, StreamName } from '../event-store/eventStore.ts';
import type { Clock } from '../lifecycle/clock.ts';
import type { Logger } from '../lifecycle/logger.ts';
import { appendUntilStored, type PersistentAppend } from './appendUntilStored.ts';
import { mergeInTiers } from './mergeInTiers.ts';
import { createPacer, type Pacer } from './pacer.ts';
import type { Seat } from './seat.ts';
import { toTextUpdated } from './textEvents.ts';

/** What an array of bytes takes besides its bytes. */
const OVERHEAD_BYTES = 128;

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
  /** Of the last event. */
  readonly revision: Revision;
  /** Number of events. */
  readonly events: number;
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
  /** Milliseconds from the start of one append to the start of the next, under load. */
  readonly spacing: number;
  readonly onStored: (stored: Stored) => void;
  /** Called at most once; nothing is stored after it. */
  readonly onEnded: (ending: WriterEnding) => void;
};

type Contribution = { readonly user: User; readonly updates: Uint8Array[] };

type Batch = {
  readonly byUser: Map<string, Contribution>;
  readonly senders: Set<Seat>;
  readonly counts: Map<Seat, number>;
  bytes: number;
};

type Writing = { readonly append: PersistentAppend; readonly bytes: number; readonly ended: Promise<void> };

/**
 * Makes what arrives durable: one append at a time, and what comes meanwhile forms the next, one event a person. An
 * append that fails is tried again until it succeeds.
 */
export class UpdateWriter {
  readonly #options: UpdateWriterOptions;
  readonly #pacer: Pacer;
  #queued = createBatch();
  #writing: Writing | undefined;
  #isHurried = false;
  #isStopped = false;
  #onRest: (() => void) | undefined;

  constructor(options: UpdateWriterOptions) {
    this.#options = options;
    this.#pacer = createPacer(options.clock, options.spacing, () => this.#next());
  }

  /** Whether everything that was added is durable. */
  get isIdle(): boolean {
    return !this.#writing && isEmpty(this.#queued);
  }

  /** About the memory that waits for the store. */
  get pendingBytes(): number {
    return this.#queued.bytes + (this.#writing?.bytes ?? 0);
  }

  /** May call `onStored` before it returns, where there is nothing to wait for. */
  add({ seat, update, count }: Arrival): void {
    if (this.#isStopped) return;
    if (update) contribute(this.#queued, seat, update);
    if (count !== undefined) this.#queued.counts.set(seat, count);
    this.#continue();
  }

  /** Tries until everything is stored or the time is over, and answers which. Nothing may be added any more. */
  async drain(milliseconds: number): Promise<boolean> {
    this.#isHurried = true;
    this.#writing?.append.hurry();
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
    this.#isStopped = true;
    this.#pacer.stop();
    this.#queued = createBatch();
    this.#writing?.append.stop();
    await this.#writing?.ended;
    this.#onRest?.();
  }

  #continue(): void {
    if (this.#isStopped || this.#writing) return;
    if (isEmpty(this.#queued)) this.#onRest?.();
    else if (this.#isHurried) this.#next();
    else this.#pacer.request();
  }

  #next(): void {
    if (this.#isStopped || this.#writing || isEmpty(this.#queued)) return;
    const batch = this.#queued;
    this.#queued = createBatch();
    if (batch.byUser.size > 0) return this.#write(batch);
    this.#options.onStored({ counts: batch.counts });
    this.#continue();
  }

  #write(batch: Batch): void {
    try {
      const { clock, createId, logger, store, stream } = this.#options;
      const at = new Date(clock.now()).toISOString();
      const merged = [...batch.byUser.values()].map(({ user, updates }) => {
        return { id: createId(), at, user, update: mergeInTiers(updates) };
      });
      const events = merged.map(toTextUpdated);
      const update = mergeInTiers(merged.map((contribution) => contribution.update));
      const append = appendUntilStored({ store, stream, events, clock, logger });
      const ended = append.result
        .then((result) => this.#finish(batch, update, result))
        .catch((err: unknown) => this.#end({ kind: 'broken', err }));
      this.#writing = { append, bytes: batch.bytes, ended };
    } catch (err) {
      this.#end({ kind: 'broken', err });
    }
  }

  #finish(batch: Batch, update: Uint8Array, result: AppendResult | undefined): void {
    this.#writing = undefined;
    if (this.#isStopped || !result) return;
    if (result.outcome === 'tombstoned') return this.#end({ kind: 'tombstoned' });
    if (result.outcome === 'wrong-expected-revision') {
      throw new Error('an append that expected any revision was refused');
    }
    const { senders, counts, byUser } = batch;
    const written = { update, senders, revision: result.lastRevision, events: byUser.size };
    this.#options.onStored({ counts, written });
    this.#continue();
  }

  #end(ending: WriterEnding): void {
    if (this.#isStopped) return;
    this.#isStopped = true;
    this.#pacer.stop();
    this.#queued = createBatch();
    this.#onRest?.();
    this.#options.onEnded(ending);
  }
}

function createBatch(): Batch {
  return { byUser: new Map(), senders: new Set(), counts: new Map(), bytes: 0 };
}

function isEmpty({ byUser, counts }: Batch): boolean {
  return byUser.size === 0 && counts.size === 0;
}

function contribute(batch: Batch, seat: Seat, update: Uint8Array): void {
  const { user } = seat.participant;
  const contribution = batch.byUser.get(user.id);
  if (contribution) contribution.updates.push(update);
  else batch.byUser.set(user.id, { user, updates: [update] });
  batch.senders.add(seat);
  batch.bytes += update.byteLength + OVERHEAD_BYTES;
}
