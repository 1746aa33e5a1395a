import {
  type CloseReason,
  decodeTextFrame,
  encodeTextFrame,
  MAX_AWARENESS_FRAME_BYTES,
  MAX_TEXT_FRAME_BYTES,
  type TextFrame,
} from '@weft/client/protocol';
import type { EventStore, Revision, StreamName } from '../event-store/eventStore.ts';
import type { Clock } from '../lifecycle/clock.ts';
import type { Logger } from '../lifecycle/logger.ts';
import { AwarenessRelay } from './awarenessRelay.ts';
import type { OperationId } from './checkUpdate.ts';
import type { UpdateDecoder } from './decodeUpdate.ts';
import type { LoadedText } from './loadText.ts';
import type { Materialiser } from './materialiser.ts';
import { createSeat, type Seat } from './seat.ts';
import type { SnapshotPolicy } from './snapshotPolicy.ts';
import { TextContent } from './textContent.ts';
import type { TextParticipant, TextSeat } from './textParticipant.ts';
import { TextSnapshots } from './textSnapshots.ts';
import { type Stored, UpdateWriter, type WriterEnding, type Written } from './updateWriter.ts';

/** What all rooms share. */
export type RoomServices = {
  readonly store: EventStore;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Makes event ids: UUIDs. */
  readonly createId: () => string;
  readonly decode: UpdateDecoder;
  readonly materialiser: Materialiser;
  readonly snapshotPolicy: SnapshotPolicy;
};

export type RoomOptions = {
  readonly stream: StreamName;
  /** The root type's name. */
  readonly field: string;
  readonly text: LoadedText;
  /** Called once, when the room has ended: nothing of it runs any more. */
  readonly onEnded: () => void;
};

/** Milliseconds from one append to the next while people type faster than that. After a rest there is no delay. */
const TICK_SPACING_MS = 10;

/** Bytes of updates that may wait for the store. Beyond it, whoever sends more is told to come back later. */
const MAX_PENDING_BYTES = 16 * 1024 * 1024;

/** Milliseconds for which a closing room tries to store what it accepted. */
const DRAIN_TIMEOUT_MS = 10_000;

/**
 * The live state of one text: its content as bytes, and who is there. What comes in is checked, made durable, and
 * only then shown to the others and called saved.
 *
 * It is `open` until everyone has left and everything is stored, or until it is told to end.
 */
export class Room {
  /** Resolves when the room has ended. */
  readonly ended: Promise<void>;

  readonly #services: RoomServices;
  readonly #options: RoomOptions;
  readonly #seats = new Set<Seat>();
  readonly #content: TextContent;
  readonly #writer: UpdateWriter;
  readonly #snapshots: TextSnapshots;
  readonly #awareness: AwarenessRelay<Seat>;
  readonly #resolveEnded: () => void;
  #phase: 'open' | 'closing' | 'ended' = 'open';

  /** Throws where the text is damaged. */
  constructor(services: RoomServices, options: RoomOptions) {
    const { stream, field, text } = options;
    const { promise, resolve } = Promise.withResolvers<undefined>();
    this.ended = promise;
    this.#resolveEnded = () => resolve(undefined);
    this.#services = services;
    this.#options = options;
    this.#content = new TextContent(services.decode, text);
    this.#awareness = new AwarenessRelay(services.clock, (frame) => this.#broadcast(frame));
    this.#writer = new UpdateWriter({
      ...services,
      stream,
      spacing: TICK_SPACING_MS,
      onStored: (stored) => this.#onStored(stored),
      onEnded: (ending) => this.#onWriterEnded(ending),
    });
    this.#snapshots = new TextSnapshots({
      ...services,
      stream,
      field,
      log: this.#content.log,
      since: text.sinceSnapshot,
      policy: services.snapshotPolicy,
      onEnded: () => this.#settle(),
    });
  }

  get isOpen(): boolean {
    return this.#phase === 'open';
  }

  /** What is durable: the whole text as one update, and the revision of the event that changed it last. */
  get stored(): { readonly update: Uint8Array; readonly revision: Revision | undefined } {
    return { update: this.#content.log.whole(), revision: this.#content.revision };
  }

  /** Lets somebody in, who must leave again. Only while the room is open. */
  seat(participant: TextParticipant): TextSeat {
    const seat = createSeat(participant);
    this.#seats.add(seat);
    this.#ask(seat);
    this.#tellAwareness(seat);
    return { receive: (frame) => this.#receive(seat, frame), leave: () => this.#leave(seat) };
  }

  /** Stores everything that was accepted, then sends everyone away as `unavailable`. Idempotent. */
  async close(): Promise<void> {
    if (!this.isOpen) return this.ended;
    this.#phase = 'closing';
    const [isStored] = await Promise.all([this.#writer.drain(DRAIN_TIMEOUT_MS), this.#snapshots.stop()]);
    if (!isStored) {
      const fields = { stream: this.#options.stream, bytes: this.#writer.pendingBytes };
      this.#services.logger.error(
        fields,
        'what could not be stored is given up; nobody was told that it was',
      );
    }
    await this.evict('unavailable', 'the server is restarting');
  }

  /** Sends everyone away and forgets what is not stored. Resolves when the room has ended. Idempotent. */
  async evict(reason: CloseReason, detail: string): Promise<void> {
    if (this.isOpen) this.#phase = 'closing';
    this.#awareness.stop();
    for (const seat of [...this.#seats]) this.#dismiss(seat, reason, detail);
    await Promise.all([this.#writer.stop(), this.#snapshots.stop()]);
    this.#end();
  }

  #receive(seat: Seat, bytes: Uint8Array): void {
    if (!this.isOpen || !this.#seats.has(seat)) return;
    try {
      if (bytes.byteLength > MAX_TEXT_FRAME_BYTES) this.#dismiss(seat, 'too-big', 'the frame is too big');
      else this.#handle(seat, decodeTextFrame(bytes));
    } catch (err) {
      this.#services.logger.error({ err, stream: this.#options.stream }, 'a text frame could not be handled');
      this.#dismiss(seat, 'internal', 'the frame could not be handled');
    }
  }

  #handle(seat: Seat, frame: TextFrame | undefined): void {
    switch (frame?.kind) {
      case 'sync-step-1':
        return this.#answer(seat, frame.stateVector);
      case 'sync-step-2':
        seat.isAsked = false;
        return this.#take(seat, frame.update, true);
      case 'update':
        return this.#take(seat, frame.update, false);
      case 'awareness':
        return this.#takeAwareness(seat, frame.states);
      case 'query-awareness':
        return this.#tellAwareness(seat);
      case 'saved':
      case undefined:
        return this.#dismiss(seat, 'invalid-message', 'that is no y-websocket frame for a server');
    }
  }

  #answer(seat: Seat, stateVector: Uint8Array): void {
    const update = this.#content.diff(stateVector);
    if (update) seat.participant.send(encodeTextFrame({ kind: 'sync-step-2', update }));
    else this.#dismiss(seat, 'invalid-message', 'the state vector cannot be read');
  }

  /** `isWhole`: whether the update holds everything that the room lacked when it asked. */
  #take(seat: Seat, bytes: Uint8Array, isWhole: boolean): void {
    seat.received += 1;
    if (this.#writer.pendingBytes + bytes.byteLength > MAX_PENDING_BYTES) {
      return this.#dismiss(seat, 'unavailable', 'more waits to be stored than the server can keep');
    }
    const taken = this.#content.take(bytes);
    if (taken.outcome === 'malformed') {
      return this.#dismiss(seat, 'invalid-message', 'the update cannot be read');
    }
    if (taken.outcome === 'incomplete') return this.#waitFor(seat, taken.missing, isWhole);
    if (isWhole) seat.missing = undefined;
    const count = seat.missing ? undefined : seat.received;
    this.#writer.add({ seat, count, update: taken.outcome === 'accepted' ? taken.update : undefined });
  }

  /**
   * An update that has a gap is asked for once. Where even the answer has one, the participant lacks what is missing
   * too, and is asked again when somebody else has brought it.
   */
  #waitFor(seat: Seat, missing: OperationId, isWhole: boolean): void {
    const isFirst = seat.missing === undefined;
    if (isFirst || isWhole) seat.missing = missing;
    if (isFirst && !isWhole) this.#ask(seat);
  }

  #ask(seat: Seat): void {
    if (seat.isAsked) return;
    seat.isAsked = true;
    const stateVector = this.#content.encodeStateVector();
    seat.participant.send(encodeTextFrame({ kind: 'sync-step-1', stateVector }));
  }

  #takeAwareness(seat: Seat, states: Uint8Array): void {
    if (states.byteLength > MAX_AWARENESS_FRAME_BYTES) {
      this.#dismiss(seat, 'too-big', 'the awareness frame is too big');
    } else if (!this.#awareness.receive(seat, states)) {
      this.#dismiss(seat, 'invalid-message', 'the awareness states cannot be read');
    }
  }

  #tellAwareness(seat: Seat): void {
    for (const frame of this.#awareness.frames()) seat.participant.send(frame);
  }

  #onStored({ written, counts }: Stored): void {
    if (written) this.#applyStored(written);
    for (const [seat, count] of counts) {
      if (!this.#seats.has(seat) || !seat.participant.wantsSaved) continue;
      seat.participant.send(encodeTextFrame({ kind: 'saved', count }));
    }
    if (written) this.#snapshots.consider(written.revision, false);
    this.#settle();
  }

  #applyStored({ update, senders, revision, events }: Written): void {
    this.#content.append(update, revision);
    this.#snapshots.count(events, update.byteLength);
    // Whoever sent all of it has it; of a frame that is partly its own, Yjs takes the rest.
    const [sender] = senders.size === 1 ? senders : [];
    this.#broadcast(encodeTextFrame({ kind: 'update', update }), sender);
    for (const seat of this.#seats) {
      if (seat.missing && this.#content.knows(seat.missing)) this.#ask(seat);
    }
  }

  #broadcast(frame: Uint8Array, except?: Seat): void {
    for (const seat of this.#seats) {
      if (seat !== except) seat.participant.send(frame);
    }
  }

  #onWriterEnded(ending: WriterEnding): void {
    const { stream } = this.#options;
    if (ending.kind === 'tombstoned') {
      this.#services.logger.info({ stream }, 'a text was deleted while it was open');
      void this.evict('not-found', 'the text was deleted');
    } else {
      this.#services.logger.error(
        { err: ending.err, stream },
        'a text could not be written; its room is closed',
      );
      void this.evict('internal', 'the text could not be written');
    }
  }

  /** Ends the room when nobody is there and nothing is left to do. */
  #settle(): void {
    if (!this.isOpen || this.#seats.size > 0 || !this.#writer.isIdle) return;
    const { revision } = this.#content;
    if (revision !== undefined) this.#snapshots.consider(revision, true);
    if (!this.#snapshots.isRunning) this.#end();
  }

  #end(): void {
    if (this.#phase === 'ended') return;
    this.#phase = 'ended';
    this.#awareness.stop();
    this.#options.onEnded();
    this.#resolveEnded();
  }

  #leave(seat: Seat): void {
    if (!this.#seats.delete(seat)) return;
    this.#awareness.leave(seat);
    this.#settle();
  }

  #dismiss(seat: Seat, reason: CloseReason, detail: string): void {
    if (!this.#seats.has(seat)) return;
    this.#leave(seat);
    seat.participant.close(reason, detail);
  }
}
