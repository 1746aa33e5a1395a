import type { EventStore, Revision, StreamName } from '../../event-store/eventStore.ts';
import type { Clock } from '../../lifecycle/clock.ts';
import type { Logger } from '../../lifecycle/logger.ts';
import type { Materialiser } from '../document/materialiser.ts';
import type { SnapshotPolicy } from './snapshotPolicy.ts';
import { toTextSnapshotTaken } from './textEvents.ts';
import type { TextState } from './textState.ts';
import type { UpdateLog } from './updateLog.ts';

export type TextSnapshotsOptions = {
  readonly stream: StreamName;
  /** The root type's name. */
  readonly field: string;
  readonly log: UpdateLog;
  /** What a snapshot keeps besides the update that the log holds now. */
  readonly describe: () => Omit<TextState, 'update'>;
  readonly since: { readonly updates: number; readonly bytes: number };
  readonly store: EventStore;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly createId: () => string;
  readonly materialiser: Materialiser;
  readonly policy: SnapshotPolicy;
  /** Called when one that was started has ended, well or not. */
  readonly onEnded: () => void;
};

/**
 * Takes snapshots of one text when its policy says so, one at a time. A snapshot that fails is logged and harmless:
 * events are truncated only when all its parts are durable, and the next attempt waits until the policy asks again.
 */
export class TextSnapshots {
  readonly #options: TextSnapshotsOptions;
  #since: { updates: number; bytes: number };
  #running: Promise<void> | undefined;
  #isStopped = false;

  constructor(options: TextSnapshotsOptions) {
    this.#options = options;
    this.#since = { ...options.since };
  }

  get isRunning(): boolean {
    return this.#running !== undefined;
  }

  /** Counts one update that was stored. */
  count(bytes: number): void {
    this.#since.updates += 1;
    this.#since.bytes += bytes;
  }

  /** Starts a snapshot where one is due. `covers` is the revision of the newest update in the log. */
  consider(covers: Revision, isLeft: boolean): void {
    const { log, policy, onEnded } = this.#options;
    if (this.#running || this.#isStopped || this.#since.updates === 0) return;
    if (!policy({ ...this.#since, size: log.size, isLeft })) return;
    this.#since = { updates: 0, bytes: 0 };
    this.#running = this.#take(covers).finally(() => {
      this.#running = undefined;
      onEnded();
    });
  }

  /** Starts nothing more and leaves one that is running unfinished. Resolves when it has ended. Idempotent. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#running;
  }

  async #take(covers: Revision): Promise<void> {
    const { log, logger, stream, store } = this.#options;
    try {
      const update = await this.#store(log.pin(), covers);
      if (!update) return log.unpin();
      log.replaceBase(update);
      await store.truncateBefore(stream, covers + 1n);
      logger.debug({ stream, covers, bytes: update.byteLength }, 'a text snapshot was taken');
    } catch (err) {
      log.unpin();
      if (!this.#isStopped) logger.warn({ err, stream }, 'a text snapshot could not be finished');
    }
  }

  /** The snapshot when it is durable; undefined where it was given up. */
  async #store(whole: Uint8Array, covers: Revision): Promise<Uint8Array | undefined> {
    const { materialiser, field, clock, createId, store, stream, describe } = this.#options;
    const description = describe();
    const { update, length } = await materialiser.make('snapshot', whole, field);
    const at = new Date(clock.now()).toISOString();
    const state = { ...description, update };
    for (const event of toTextSnapshotTaken({ state, length, covers, at, createId })) {
      if (this.#isStopped) return undefined;
      const { outcome } = await store.append(stream, [event], 'any');
      if (outcome !== 'appended') throw new Error(`the stream answered ${outcome}`);
    }
    return update;
  }
}
