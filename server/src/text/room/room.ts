import {
  type CloseReason,
  decodeTextFrame,
  encodeTextFrame,
  MAX_TEXT_FRAME_BYTES,
  type TextFrame,
} from '@weft/client/protocol';
import type { Revision } from '../../event-store/eventStore.ts';
import { AwarenessRelay } from './awarenessRelay.ts';
import type { OperationId } from '../update/checkUpdate.ts';
import { EditReport } from './editReport.ts';
import { type Farewell, FAREWELLS, toFarewell } from './farewell.ts';
import type { LoadedText } from '../stored/loadText.ts';
import type { RoomOptions, RoomServices } from './roomServices.ts';
import { createSeat, type Seat } from './seat.ts';
import { SyncAnswers } from './syncAnswers.ts';
import { TextContent } from './textContent.ts';
import type { TextParticipant, TextSeat } from '../textParticipant.ts';
import { TextSnapshots } from '../stored/textSnapshots.ts';
import { type Stored, UpdateWriter, type WriterEnding, type Written } from '../stored/updateWriter.ts';

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
  readonly #answers: SyncAnswers<Seat>;
  readonly #report: EditReport;
  readonly #resolveEnded: () => void;
  #phase: 'open' | 'closing' | 'ended' = 'open';

  /** Throws where the text is damaged. */
  constructor(services: RoomServices, options: RoomOptions) {
    const { stream, field, kind, text } = options;
    const { promise, resolve } = Promise.withResolvers<undefined>();
    this.ended = promise;
    this.#resolveEnded = () => resolve(undefined);
    this.#services = services;
    this.#options = options;
    this.#content = new TextContent({
      decode: services.decode,
      text,
      kind,
      field,
      claimantOf: (client) => this.#awareness.claimantOf(client),
    });
    this.#report = new EditReport(services, { stream, field });
    this.#awareness = new AwarenessRelay({
      clock: services.clock,
      userOf: ({ participant }) => participant.user.id,
      broadcast: (frame) => this.#broadcast(frame),
    });
    this.#answers = new SyncAnswers({
      clock: services.clock,
      content: this.#content,
      serve: (seat, task) => this.#serve(seat, task),
    });
    this.#writer = new UpdateWriter({
      ...services,
      stream,
      onStored: (stored) => this.#onStored(stored),
      onEnded: (ending) => this.#onWriterEnded(ending),
    });
    this.#snapshots = new TextSnapshots({
      ...services,
      stream,
      field,
      log: this.#content.log,
      describe: () => this.#content.describe(),
      since: text.sinceSnapshot,
      policy: services.snapshotPolicy,
      onEnded: () => this.#settle(),
    });
  }

  get isOpen(): boolean {
    return this.#phase === 'open';
  }

  /** Of what is durable; undefined for a text never touched. */
  get revision(): Revision | undefined {
    return this.#content.revision;
  }

  /** What is durable: the whole text as one update, and the revision of the event that changed it last. */
  get stored(): Pick<LoadedText, 'update' | 'revision' | 'epoch'> {
    const { log, revision, epoch } = this.#content;
    return { update: log.whole(), revision, epoch };
  }

  /** Whether everything that was accepted is durable, and changed the text at this revision last. */
  isAt(revision: Revision | undefined): boolean {
    return this.#writer.pendingBytes === 0 && this.revision === revision;
  }

  /** The client ids of everything that was accepted. */
  get clients(): Iterable<number> {
    return this.#content.describe().owners.keys();
  }

  /** Lets somebody in, who must leave again; sends away at once who has the text of another epoch. Only while open. */
  seat(participant: TextParticipant): TextSeat {
    const { epoch } = this.#content;
    const seat = createSeat(participant);
    this.#seats.add(seat);
    if ((participant.epoch ?? epoch) !== epoch) this.#dismiss(seat, FAREWELLS.otherEpoch);
    else {
      this.#ask(seat);
      this.#tellAwareness(seat);
    }
    return { epoch, receive: (frame) => this.#receive(seat, frame), leave: () => this.#leave(seat) };
  }

  /** Stores everything that was accepted, then sends everyone away as `unavailable`. Idempotent. */
  async close(): Promise<void> {
    if (!this.isOpen) return this.ended;
    this.#phase = 'closing';
    const [isStored] = await Promise.all([this.#writer.drain(DRAIN_TIMEOUT_MS), this.#snapshots.stop()]);
    if (!isStored) {
      const fields = { stream: this.#options.stream, bytes: this.#writer.pendingBytes };
      this.#services.logger.error(fields, 'what could not be stored is given up; nobody was told it was');
    }
    await this.evict('unavailable', 'the server is restarting');
  }

  /** Sends everyone away and forgets what is not stored. Resolves when the room has ended. Idempotent. */
  async evict(reason: CloseReason, detail: string): Promise<void> {
    if (this.isOpen) this.#phase = 'closing';
    this.#awareness.stop();
    for (const seat of [...this.#seats]) this.#dismiss(seat, { reason, detail });
    await Promise.all([this.#writer.stop(), this.#snapshots.stop()]);
    this.#end();
  }

  #receive(seat: Seat, bytes: Uint8Array): void {
    this.#serve(seat, () => {
      const { maxFrameBytes = MAX_TEXT_FRAME_BYTES } = seat.participant;
      if (bytes.byteLength > maxFrameBytes) this.#dismiss(seat, FAREWELLS.tooBigFrame);
      else this.#handle(seat, decodeTextFrame(bytes));
    });
  }

  /** Does what a seat asked for, while it may. */
  #serve(seat: Seat, task: () => void): void {
    if (!this.isOpen || !this.#seats.has(seat)) return;
    try {
      task();
    } catch (err) {
      this.#services.logger.error({ err, stream: this.#options.stream }, 'a text frame could not be handled');
      this.#dismiss(seat, FAREWELLS.unhandledFrame);
    }
  }

  #handle(seat: Seat, frame: TextFrame | undefined): void {
    switch (frame?.kind) {
      case 'sync-step-1':
        return this.#refuse(seat, this.#answers.ask(seat, frame.stateVector));
      case 'sync-step-2':
        seat.isAsked = false;
        return this.#take(seat, frame.update, true);
      case 'update':
        return this.#take(seat, frame.update, false);
      case 'awareness':
        return this.#refuse(seat, this.#awareness.receive(seat, frame.states));
      case 'query-awareness':
        return this.#tellAwareness(seat);
      case 'saved':
      case undefined:
        return this.#dismiss(seat, FAREWELLS.noFrame);
    }
  }

  /** `isWhole`: whether the update holds everything that the room lacked when it asked. */
  #take(seat: Seat, bytes: Uint8Array, isWhole: boolean): void {
    seat.received += 1;
    if (!this.#hasRoomFor(bytes.byteLength)) return this.#dismiss(seat, FAREWELLS.tooMuchWaits);
    const taken = this.#content.take(bytes, seat.participant.user.id);
    if (taken.outcome === 'incomplete') return this.#waitFor(seat, taken.missing, isWhole);
    const farewell = toFarewell(taken);
    if (farewell) return this.#dismiss(seat, farewell);
    if (isWhole) seat.missing = undefined;
    const count = seat.missing ? undefined : seat.received;
    this.#writer.add({ seat, count, update: taken.outcome === 'accepted' ? taken.update : undefined });
  }

  #hasRoomFor(bytes: number): boolean {
    return this.#writer.pendingBytes + bytes <= MAX_PENDING_BYTES && this.#services.pending.hasRoomFor(bytes);
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

  #applyStored({ update, senders, revision }: Written): void {
    this.#content.append(update, revision);
    this.#snapshots.count(update.byteLength);
    this.#report.stored(senders);
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
    const isDeleted = ending.kind === 'tombstoned';
    const fields = { stream: this.#options.stream, ...(isDeleted ? {} : { err: ending.err }) };
    if (isDeleted) this.#services.logger.info(fields, 'a text was deleted while it was open');
    else this.#services.logger.error(fields, 'a text could not be written; its room is closed');
    const { reason, detail } = isDeleted ? FAREWELLS.deleted : FAREWELLS.unwritable;
    void this.evict(reason, detail);
  }

  /** Ends the room when nobody is there and nothing is left to do. */
  #settle(): void {
    if (!this.isOpen || this.#seats.size > 0 || !this.#writer.isIdle) return;
    this.#report.left();
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
    this.#answers.leave(seat);
    this.#awareness.leave(seat);
    this.#settle();
  }

  #refuse(seat: Seat, farewell: Farewell | undefined): void {
    if (farewell) this.#dismiss(seat, farewell);
  }

  #dismiss(seat: Seat, { reason, detail }: Farewell): void {
    if (!this.#seats.has(seat)) return;
    this.#leave(seat);
    seat.participant.close(reason, detail);
  }
}
