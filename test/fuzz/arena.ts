import {
  type CloseReason,
  decodeTextFrame,
  encodeTextFrame,
  type TextFrame,
  type TextKind,
} from '@weft/client/protocol';
import { setImmediate } from 'node:timers/promises';
import { applyAwarenessUpdate, Awareness } from 'y-protocols/awareness';
import * as Y from 'yjs';
import type { TextAddress, TextParticipant, TextSeat } from '../../server/src/text/textParticipant.ts';
import { claimedClients } from './claimedClients.ts';
import { type Failure, type FrameStep, isHonest, type Sender, type Step } from './sequence.ts';
import type { Stage } from './stage.ts';
import { FIELD, type Sent, Witness } from './witness.ts';

export type Outcome =
  | { readonly kind: 'accepted' | 'known' | 'gap' | 'other' }
  | { readonly kind: 'refused'; readonly reason: CloseReason; readonly detail: string };

export type StepResult = {
  readonly outcome: Outcome;
  /** Milliseconds of this thread's processor time. */
  readonly took: number;
  readonly failure: Failure | undefined;
};

/** Somebody's end of the room, and what came to it. */
type Guest = TextParticipant & {
  seat: TextSeat | undefined;
  frames: TextFrame[];
  closed: { readonly reason: CloseReason; readonly detail: string } | undefined;
  saved: number;
};

export type ArenaOptions = { readonly stage: Stage; readonly kind: TextKind };

/** Each of this many is looked at more closely, where that takes long. */
const SAMPLED = 16;

/** One text, with everybody who sends to it, an onlooker, and a witness of what becomes of it. */
export class Arena {
  readonly kind: TextKind;
  /** What everybody was shown in this epoch, oldest first. */
  readonly shown: Uint8Array[] = [];
  readonly #stage: Stage;
  readonly #address: TextAddress;
  readonly #guests = new Map<string, Guest>();
  readonly #awareness = new Awareness(new Y.Doc());
  /** Client ids under which somebody hostile showed a cursor. */
  readonly #claimed = new Set<number>();
  readonly #retired = new Set<number>();
  #witness: Witness;
  #epoch = 0;
  #steps = 0;
  /** What a newcomer was given after the last refusal, where nothing was accepted since. */
  #wholeBefore: Uint8Array | undefined;

  constructor({ stage, kind }: ArenaOptions) {
    this.#stage = stage;
    this.kind = kind;
    this.#address = stage.createAddress(kind);
    this.#witness = new Witness(kind);
    this.#awareness.setLocalState(null);
  }

  get witness(): Witness {
    return this.#witness;
  }

  /** How often it was erased. */
  get epoch(): number {
    return this.#epoch;
  }

  /** Does it, and judges what comes of it. */
  async take(step: Step): Promise<StepResult> {
    this.#steps += 1;
    switch (step.kind) {
      case 'frame':
        return this.#takeFrame(step);
      case 'burst':
        return toResult(await this.#takeBurst(step.frames));
      case 'epoch':
        return toResult(await this.#beginEpoch());
      case 'reopen':
        return toResult(await this.#reopen(step.withSnapshot));
    }
  }

  /** Compares the witness with what a newcomer is given, and with what is stored. */
  async compare(): Promise<Failure | undefined> {
    const newcomer = await this.#whole();
    const failure = this.#witness.compare(newcomer, 'what a newcomer is given');
    return failure ?? this.#witness.compare(await this.#stage.load(this.#address), 'what is stored');
  }

  async close(): Promise<void> {
    for (const guest of this.#guests.values()) guest.seat?.leave();
    this.#guests.clear();
    await this.#stage.drop(this.#address);
    this.#awareness.destroy();
    this.#witness.destroy();
  }

  async #takeFrame({ as, frame }: FrameStep): Promise<StepResult> {
    const onlooker = await this.#enter('onlooker');
    const guest = await this.#enter(as);
    const { stage, seat, savedBefore } = { stage: this.#stage, seat: guest.seat, savedBefore: guest.saved };
    const appended = stage.appended();
    const errors = stage.errors();
    onlooker.frames = [];
    guest.frames = [];
    const start = process.threadCpuUsage();
    this.#noteClaims(as, frame);
    try {
      seat?.receive(frame);
    } catch (error) {
      return { outcome: { kind: 'other' }, took: 0, failure: { rule: 'throws', detail: String(error) } };
    }
    stage.clock.advance(50);
    if (stage.appended() !== appended) await setImmediate();
    const { user, system } = process.threadCpuUsage(start);
    const took = (user + system) / 1000;
    const isStored = stage.appended() !== appended;
    const outcome = this.#toOutcome(guest, frame, { isStored, savedBefore });
    const failure =
      stage.errors() === errors
        ? await this.#judge({ as, frame, outcome, isStored })
        : { rule: 'logs-an-error', detail: stage.lastError() };
    if (outcome.kind === 'gap') this.#leave(as);
    return { outcome, took, failure };
  }

  #toOutcome(
    { closed, saved }: Guest,
    frame: Uint8Array,
    { isStored, savedBefore }: { readonly isStored: boolean; readonly savedBefore: number },
  ): Outcome {
    if (closed) return { kind: 'refused', ...closed };
    if (isStored) return { kind: 'accepted' };
    if (saved > savedBefore) return { kind: 'known' };
    const kind = decodeTextFrame(frame)?.kind;
    return { kind: kind === 'update' || kind === 'sync-step-2' ? 'gap' : 'other' };
  }

  async #judge(taken: {
    readonly as: Sender;
    readonly frame: Uint8Array;
    readonly outcome: Outcome;
    readonly isStored: boolean;
  }): Promise<Failure | undefined> {
    const { as, outcome, isStored } = taken;
    const frame = decodeTextFrame(taken.frame);
    const sent = toUpdate(frame);
    const read = this.#readShown();
    if ('failure' in read) return read.failure;
    if (read.updates.length > 1) return { rule: 'shown-twice', detail: `${read.updates.length} updates` };
    const shown = { update: read.updates[0] };
    switch (outcome.kind) {
      case 'accepted':
        if (!shown.update || !sent)
          return { rule: 'not-shown', detail: 'something was stored, and shown to nobody' };
        return this.#takeShown(shown.update, [{ as, update: sent }]);
      case 'known':
        return shown.update || !sent ? CHANGED : this.#witness.takeKnown(sent);
      case 'gap':
        if (shown.update || !sent) return CHANGED;
        return this.#steps % SAMPLED === 0 ? this.#witness.takeGap(sent) : undefined;
      case 'refused':
        if (isStored || shown.update) return CHANGED;
        return this.#findRefusalFault(taken.as, frame, outcome) ?? this.#judgeRefused(outcome.reason);
      case 'other':
        return shown.update ? CHANGED : this.#judgeAnswers(as);
    }
  }

  #takeShown(shown: Uint8Array, sent: readonly Sent[]): Failure | undefined {
    this.#wholeBefore = undefined;
    this.shown.push(shown);
    const isOld = Y.decodeUpdate(shown).structs.some(({ id }) => this.#retired.has(id.client));
    if (isOld) return { rule: 'old-accepted', detail: 'content of an earlier epoch was accepted' };
    return this.#witness.takeAccepted(shown, sent);
  }

  /** Nobody honest is refused who has nothing of an earlier epoch. */
  #findRefusalFault(
    as: Sender,
    frame: TextFrame | undefined,
    { reason, detail }: { readonly reason: CloseReason; readonly detail: string },
  ): Failure | undefined {
    const isOld = reason === 'other-epoch';
    const sent = toUpdate(frame);
    if (isOld && sent && !this.#isRetired(sent))
      return { rule: 'called-old', detail: 'what is of this epoch was called old' };
    if (!isHonest(as) || isOld) return undefined;
    // Here everybody's client ids are known beforehand, and so one may show a cursor under another's.
    if (reason === 'forbidden' && sent && this.#isClaimed(sent)) return undefined;
    return { rule: `honest-refused-${reason}`, detail: `${as} was refused: ${detail}` };
  }

  #noteClaims(as: Sender, bytes: Uint8Array): void {
    const frame = decodeTextFrame(bytes);
    if (isHonest(as) || frame?.kind !== 'awareness') return;
    for (const client of claimedClients(frame.states)) this.#claimed.add(client);
  }

  #isClaimed(update: Uint8Array): boolean {
    return Y.decodeUpdate(update).structs.some(({ id }) => this.#claimed.has(id.client));
  }

  #isRetired(update: Uint8Array): boolean {
    const { structs, ds } = Y.decodeUpdate(update);
    const named = structs.flatMap((struct) => {
      if (!(struct instanceof Y.Item)) return [struct.id.client];
      const { id, origin, rightOrigin, parent } = struct;
      const ids = [id, origin, rightOrigin, parent instanceof Y.ID ? parent : null];
      return ids.flatMap((one) => (one ? [one.client] : []));
    });
    return [...named, ...ds.clients.keys()].some((client) => this.#retired.has(client));
  }

  /** Everybody sends before anything of it is stored; each of them once. */
  async #takeBurst(frames: readonly FrameStep[]): Promise<Failure | undefined> {
    const onlooker = await this.#enter('onlooker');
    const errors = this.#stage.errors();
    const sending = [];
    for (const { as, frame } of frames) {
      const guest = await this.#enter(as);
      sending.push({ as, frame: decodeTextFrame(frame), bytes: frame, guest, savedBefore: guest.saved });
    }
    onlooker.frames = [];
    for (const { guest, bytes } of sending) {
      this.#noteClaims(guest.user.id as Sender, bytes);
      guest.seat?.receive(bytes);
    }
    for (let tick = 0; tick < 3; tick++) {
      this.#stage.clock.advance(50);
      await setImmediate();
    }
    if (this.#stage.errors() !== errors) return { rule: 'logs-an-error', detail: this.#stage.lastError() };
    const sent: Sent[] = [];
    for (const { as, frame, guest, savedBefore } of sending) {
      const fault = guest.closed && this.#findRefusalFault(as, frame, guest.closed);
      if (fault) return fault;
      const update = toUpdate(frame);
      if (update && !guest.closed && guest.saved > savedBefore) sent.push({ as, update });
      else this.#leave(as);
    }
    const shown = this.#readShown();
    if ('failure' in shown) return shown.failure;
    if (shown.updates.length === 0) return undefined;
    return this.#takeShown(Y.mergeUpdates([...shown.updates]), sent);
  }

  async #beginEpoch(): Promise<Failure | undefined> {
    for (const client of this.#witness.doc.store.clients.keys()) this.#retired.add(client);
    const present = [...this.#guests.values()].filter(({ closed }) => !closed);
    const begun = await this.#stage.rooms.beginEpoch(this.#address, { user: { id: 'ada', name: 'ada' } });
    if (begun.outcome !== 'begun') return { rule: 'cannot-begin', detail: begun.outcome };
    if (present.some(({ closed }) => closed?.reason !== 'other-epoch'))
      return { rule: 'stays', detail: 'somebody stays in the old epoch' };
    this.#guests.clear();
    this.#witness.destroy();
    this.#witness = new Witness(this.kind);
    this.#wholeBefore = undefined;
    this.#epoch += 1;
    this.shown.length = 0;
    return this.compare();
  }

  async #judgeRefused(reason: CloseReason): Promise<Failure | undefined> {
    if (reason === 'internal' || reason === 'unavailable')
      return { rule: `closed-${reason}`, detail: 'by a frame' };
    const before = this.#wholeBefore;
    this.#wholeBefore = await this.#whole();
    // Nothing was accepted in between.
    if (!before || Buffer.compare(before, this.#wholeBefore) === 0) return undefined;
    return { rule: 'refused-and-changed', detail: 'what a newcomer is given has changed with a refusal' };
  }

  /** An answer to a state vector may hold nothing but what is there. */
  #judgeAnswers(as: Sender): Failure | undefined {
    for (const frame of this.#guests.get(as)?.frames ?? []) {
      if (frame.kind !== 'sync-step-2' || this.#steps % SAMPLED !== 0) continue;
      const failure = this.#judgeAnswer(frame.update);
      if (failure) return failure;
    }
    return undefined;
  }

  #judgeAnswer(update: Uint8Array): Failure | undefined {
    const failure = this.#witness.takeKnown(update);
    return failure && { rule: `answer-${failure.rule}`, detail: failure.detail };
  }

  /** What the onlooker was shown: updates, and awareness that a client can take. */
  #readShown(): { readonly updates: readonly Uint8Array[] } | { readonly failure: Failure } {
    const frames = this.#guests.get('onlooker')?.frames ?? [];
    const updates = frames.flatMap((frame) => (frame.kind === 'update' ? [frame.update] : []));
    for (const frame of frames) {
      if (frame.kind !== 'awareness') continue;
      try {
        applyAwarenessUpdate(this.#awareness, frame.states, 'room');
      } catch (error) {
        return { failure: { rule: 'awareness', detail: String(error) } };
      }
    }
    return { updates };
  }

  async #reopen(withSnapshot: boolean): Promise<Failure | undefined> {
    for (const name of [...this.#guests.keys()]) if (name !== 'onlooker') this.#leave(name);
    this.#stage.takesSnapshots = withSnapshot;
    this.#wholeBefore = undefined;
    const errors = this.#stage.errors();
    this.#leave('onlooker');
    const onlooker = await this.#enter('onlooker');
    this.#stage.takesSnapshots = false;
    if (!onlooker.seat || this.#stage.errors() !== errors)
      return { rule: 'cannot-be-opened', detail: this.#stage.lastError() };
    return this.compare();
  }

  #leave(name: string): void {
    this.#guests.get(name)?.seat?.leave();
    this.#guests.delete(name);
  }

  async #enter(name: string): Promise<Guest> {
    const present = this.#guests.get(name);
    if (present && present.closed === undefined) return present;
    const guest: Guest = {
      user: { id: name, name },
      wantsSaved: true,
      seat: undefined,
      frames: [],
      closed: undefined,
      saved: 0,
      send: (bytes) => {
        const frame = decodeTextFrame(bytes);
        if (frame?.kind === 'saved') guest.saved = frame.count;
        else if (frame) guest.frames.push(frame);
      },
      close: (reason, detail) => {
        guest.closed = { reason, detail };
      },
    };
    this.#guests.set(name, guest);
    const joined = await this.#stage.rooms.join(this.#address, guest);
    if (joined.outcome === 'joined') guest.seat = joined.seat;
    return guest;
  }

  /** The whole text as a newcomer gets it. */
  async #whole(): Promise<Uint8Array> {
    // Somebody stays, for a text that everyone has left may be replaced by a snapshot.
    await this.#enter('onlooker');
    // Who asks again waits for an answer; who comes anew does not.
    const newcomer = await this.#enter('newcomer');
    newcomer.seat?.receive(encodeTextFrame({ kind: 'sync-step-1', stateVector: Uint8Array.of(0) }));
    const answer = newcomer.frames.find((frame) => frame.kind === 'sync-step-2');
    newcomer.seat?.leave();
    this.#guests.delete('newcomer');
    if (!answer) throw new Error(`${this.#address.id}/${FIELD} does not answer`);
    return answer.update;
  }
}

function toUpdate(frame: TextFrame | undefined): Uint8Array | undefined {
  return frame?.kind === 'update' || frame?.kind === 'sync-step-2' ? frame.update : undefined;
}

function toResult(failure: Failure | undefined): StepResult {
  return { outcome: { kind: 'other' }, took: 0, failure };
}

const CHANGED: Failure = { rule: 'changed', detail: 'what was not accepted was stored or shown' };
