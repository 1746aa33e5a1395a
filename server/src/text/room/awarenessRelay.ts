import { encodeTextFrame, MAX_AWARENESS_FRAME_BYTES } from '@weft/client/protocol';
import type { Clock } from '../../lifecycle/clock.ts';
import { AwarenessStates } from './awarenessStates.ts';
import { type Farewell, FAREWELLS } from './farewell.ts';
import { createPacer, type Pacer } from './pacer.ts';

/**
 * Milliseconds between two rounds while cursors move. A hundred moving cursors then make 25 frames a second for each
 * reader, instead of a hundred times as many as there are moves.
 */
const ROUND_SPACING_MS = 40;

export type AwarenessRelayOptions<Owner> = {
  readonly clock: Clock;
  /** Gives the user's id. */
  readonly userOf: (owner: Owner) => string;
  readonly broadcast: (frame: Uint8Array) => void;
};

/** Tells everyone in a room of changed awareness states, their sender included, collected into rounds. */
export class AwarenessRelay<Owner> {
  readonly #states: AwarenessStates<Owner>;
  readonly #changed = new Set<number>();
  readonly #pacer: Pacer;
  readonly #broadcast: (frame: Uint8Array) => void;

  constructor({ clock, userOf, broadcast }: AwarenessRelayOptions<Owner>) {
    this.#states = new AwarenessStates(userOf);
    this.#broadcast = broadcast;
    this.#pacer = createPacer(clock, ROUND_SPACING_MS, () => this.#tell());
  }

  /** Takes the payload of an awareness frame. Where it is refused, answers with what its owner is to be told. */
  receive(owner: Owner, payload: Uint8Array): Farewell | undefined {
    if (payload.byteLength > MAX_AWARENESS_FRAME_BYTES) return FAREWELLS.tooBigFrame;
    const result = this.#states.apply(owner, payload);
    if (result.outcome === 'malformed') return FAREWELLS.unreadableStates;
    this.#mark(result.changed);
    return undefined;
  }

  /** The id of the user who shows a cursor under a client id, or did lately. */
  claimantOf(client: number): string | undefined {
    return this.#states.claimantOf(client);
  }

  leave(owner: Owner): void {
    this.#mark(this.#states.leave(owner));
  }

  /** The frames that tell a newcomer everything. */
  frames(): Uint8Array[] {
    return this.#states.encodeAll().map(toFrame);
  }

  /** Idempotent. */
  stop(): void {
    this.#pacer.stop();
  }

  #mark(changed: readonly number[]): void {
    if (changed.length === 0) return;
    for (const client of changed) this.#changed.add(client);
    this.#pacer.request();
  }

  #tell(): void {
    const payloads = this.#states.encode(this.#changed);
    this.#changed.clear();
    for (const payload of payloads) this.#broadcast(toFrame(payload));
  }
}

function toFrame(states: Uint8Array): Uint8Array {
  return encodeTextFrame({ kind: 'awareness', states });
}
