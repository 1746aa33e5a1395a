import { MAX_AWARENESS_FRAME_BYTES, MAX_AWARENESS_STATES, MAX_JSON_DEPTH } from '@weft/client/protocol';
import * as decoding from 'lib0/decoding';
import * as encoding from 'lib0/encoding';
import { isNestedDeeper } from '../judging/jsonDepth.ts';

/** Clocks grow by one with each change of a state; none gets here by honest means. */
const MAX_CLOCK = 2 ** 32;

/** Clients whose last clock and user are remembered after they went, so that a late echo of their state does not revive it. */
const MAX_DEPARTED = 1024;

/** Id, clock and length of a state at most. */
const ENTRY_OVERHEAD_BYTES = 20;

const REMOVED = 'null';

type State = {
  readonly clock: number;
  /** As it came: JSON, `null` for a state that its client took back. */
  readonly json: string;
};

type OwnedState<Owner> = State & { readonly owner: Owner };

type Entry = State & { readonly client: number };

type Departed = { readonly clock: number; readonly userId: string };

export type AwarenessResult =
  { readonly outcome: 'applied'; readonly changed: readonly number[] } | { readonly outcome: 'malformed' };

/**
 * The awareness states of a room, by client id, under the rules of y-protocols 1.0: a state replaces one of a lower
 * clock, and `null` also one of the same clock.
 *
 * An id belongs to the owner that used it first, until that owner leaves, and to the same user after that. Stock clients
 * repeat other people's states as they learn of them, so states of somebody else's id are ignored, not refused.
 */
export class AwarenessStates<Owner> {
  readonly #states = new Map<number, OwnedState<Owner>>();
  readonly #owned = new Map<Owner, Set<number>>();
  /** Oldest departure first. */
  readonly #departed = new Map<number, Departed>();
  readonly #userOf: (owner: Owner) => string;

  /** `userOf` gives the user's id. */
  constructor(userOf: (owner: Owner) => string) {
    this.#userOf = userOf;
  }

  /** Takes the payload of an awareness frame. Of a malformed one, nothing is applied. */
  apply(owner: Owner, payload: Uint8Array): AwarenessResult {
    const entries = decodeStates(payload);
    if (!entries) return { outcome: 'malformed' };
    const changed = entries.filter((entry) => this.#take(owner, entry)).map(({ client }) => client);
    return { outcome: 'applied', changed };
  }

  /** The id of the user who shows something under a client id, or did lately. */
  claimantOf(client: number): string | undefined {
    const state = this.#states.get(client);
    return state ? this.#userOf(state.owner) : this.#departed.get(client)?.userId;
  }

  /** Takes back all states of an owner and forgets it. Gives the ids that others have to hear of. */
  leave(owner: Owner): number[] {
    const clients = [...(this.#owned.get(owner) ?? [])];
    const shown = clients.filter((client) => this.#states.get(client)?.json !== REMOVED);
    for (const client of clients) this.#depart(client);
    this.#owned.delete(owner);
    return shown;
  }

  /** Payloads of awareness frames, each within the limits, that tell the present state of these ids. */
  encode(clients: Iterable<number>): Uint8Array[] {
    const entries = Array.from(clients, (client) => this.#describe(client));
    return toPayloads(entries.filter((entry) => entry !== undefined));
  }

  /** The same for all ids that have a state. */
  encodeAll(): Uint8Array[] {
    const shown = [...this.#states].filter(([, { json }]) => json !== REMOVED);
    return this.encode(shown.map(([client]) => client));
  }

  #take(owner: Owner, entry: Entry): boolean {
    const state = this.#states.get(entry.client);
    if (!state) return this.#claim(owner, entry);
    return state.owner === owner && this.#replace(state, entry);
  }

  #claim(owner: Owner, { client, clock, json }: Entry): boolean {
    const owned = this.#owned.get(owner) ?? new Set();
    if (json === REMOVED || owned.size >= MAX_AWARENESS_STATES) return false;
    const departed = this.#departed.get(client);
    if (departed && departed.userId !== this.#userOf(owner)) return false;
    const lastClock = departed?.clock ?? -1;
    // A client that reconnects sends its state with the clock under which it was removed. The first state of an
    // owner is its own, so it is shown again, with a clock that others accept; a later one is an echo.
    if (clock <= lastClock && owned.size > 0) return false;
    this.#departed.delete(client);
    this.#states.set(client, { clock: Math.max(clock, lastClock + 1), json, owner });
    this.#owned.set(owner, owned.add(client));
    return true;
  }

  #replace(state: OwnedState<Owner>, { client, clock, json }: Entry): boolean {
    const isTakenBack = json === REMOVED && state.json !== REMOVED && clock === state.clock;
    if (clock <= state.clock && !isTakenBack) return false;
    this.#states.set(client, { clock, json, owner: state.owner });
    return true;
  }

  #depart(client: number): void {
    const state = this.#states.get(client);
    if (!state) return;
    this.#states.delete(client);
    this.#departed.set(client, { clock: state.clock, userId: this.#userOf(state.owner) });
    const [oldest] = this.#departed.keys();
    if (this.#departed.size > MAX_DEPARTED && oldest !== undefined) this.#departed.delete(oldest);
  }

  #describe(client: number): Entry | undefined {
    const state = this.#states.get(client);
    if (state) return { client, clock: state.clock, json: state.json };
    const departed = this.#departed.get(client);
    return departed && { client, clock: departed.clock, json: REMOVED };
  }
}

function decodeStates(payload: Uint8Array): Entry[] | undefined {
  try {
    const decoder = decoding.createDecoder(payload);
    const entries: Entry[] = [];
    for (let left = decoding.readVarUint(decoder); left > 0; left--) entries.push(readEntry(decoder));
    return !decoding.hasContent(decoder) && entries.every(isSound) ? entries : undefined;
  } catch {
    // lib0 and JSON throw on input that they cannot read; that is an expected outcome here.
    return undefined;
  }
}

function isSound({ client, clock, json }: Entry): boolean {
  return Number.isSafeInteger(client) && clock <= MAX_CLOCK && !isNestedDeeper(json, MAX_JSON_DEPTH);
}

function readEntry(decoder: decoding.Decoder): Entry {
  const client = decoding.readVarUint(decoder);
  const clock = decoding.readVarUint(decoder);
  const json = decoding.readVarString(decoder);
  return { client, clock, json: JSON.parse(json) === null ? REMOVED : json };
}

function toPayloads(entries: readonly Entry[]): Uint8Array[] {
  const groups: Entry[][] = [];
  let room = 0;
  for (const entry of entries) {
    const size = Buffer.byteLength(entry.json) + ENTRY_OVERHEAD_BYTES;
    const group = groups.at(-1);
    if (group && group.length < MAX_AWARENESS_STATES && size <= room) {
      group.push(entry);
      room -= size;
    } else {
      groups.push([entry]);
      room = MAX_AWARENESS_FRAME_BYTES - size;
    }
  }
  return groups.map(encodeStates);
}

function encodeStates(entries: readonly Entry[]): Uint8Array {
  return encoding.encode((encoder) => {
    encoding.writeVarUint(encoder, entries.length);
    for (const { client, clock, json } of entries) {
      encoding.writeVarUint(encoder, client);
      encoding.writeVarUint(encoder, clock);
      encoding.writeVarString(encoder, json);
    }
  });
}
