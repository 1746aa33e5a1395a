import { MAX_AWARENESS_STATES } from '@weft/client/protocol';
import * as encoding from 'lib0/encoding';
import { describe, expect, it } from 'vitest';
import { applyAwarenessUpdate, Awareness, encodeAwarenessUpdate } from 'y-protocols/awareness';
import * as Y from 'yjs';
import { AwarenessStates } from './awarenessStates.ts';

type Entry = { client: number; clock: number; state: unknown };

const MALFORMED = { outcome: 'malformed' };

function encode(...entries: Entry[]): Uint8Array {
  return encoding.encode((encoder) => {
    encoding.writeVarUint(encoder, entries.length);
    for (const { client, clock, state } of entries) {
      encoding.writeVarUint(encoder, client);
      encoding.writeVarUint(encoder, clock);
      encoding.writeVarString(encoder, typeof state === 'string' ? state : JSON.stringify(state));
    }
  });
}

function changed(...clients: number[]) {
  return { outcome: 'applied', changed: clients };
}

/** Owners are a person's name and, behind a space, which of their sockets it is. */
function createStates(): AwarenessStates<string> {
  return new AwarenessStates((owner) => owner.split(' ')[0] ?? '');
}

/** What a stock client knows after these payloads. */
function hear(awareness: Awareness, payloads: readonly Uint8Array[]): void {
  for (const payload of payloads) applyAwarenessUpdate(awareness, payload, 'remote');
}

function createListener(): Awareness {
  const awareness = new Awareness(new Y.Doc());
  awareness.destroy();
  return awareness;
}

describe('awareness states', () => {
  it('[TXT12] replaces a state by one of a higher clock, and by null at the same clock', () => {
    const states = createStates();
    expect(states.apply('ada', encode({ client: 1, clock: 5, state: { x: 1 } }))).toEqual(changed(1));
    expect(states.apply('ada', encode({ client: 1, clock: 5, state: { x: 2 } }))).toEqual(changed());
    expect(states.apply('ada', encode({ client: 1, clock: 6, state: { x: 3 } }))).toEqual(changed(1));
    expect(states.apply('ada', encode({ client: 1, clock: 6, state: null }))).toEqual(changed(1));
    expect(states.apply('ada', encode({ client: 1, clock: 6, state: ' null ' }))).toEqual(changed());
    expect(states.encodeAll()).toEqual([]);
  });

  it('[TXT12] ignores states of an id that somebody else used first', () => {
    const states = createStates();
    states.apply('ada', encode({ client: 1, clock: 1, state: { name: 'Ada' } }));
    const echo = encode({ client: 1, clock: 9, state: { name: 'Eve' } }, { client: 2, clock: 1, state: {} });
    expect(states.apply('eve', echo)).toEqual(changed(2));
    expect(states.apply('eve', encode({ client: 1, clock: 10, state: null }))).toEqual(changed());
    const listener = createListener();
    hear(listener, states.encodeAll());
    expect(listener.getStates().get(1)).toEqual({ name: 'Ada' });
  });

  it('[TXT12] takes back the states of who leaves, for everyone that heard them', () => {
    const states = createStates();
    const listener = createListener();
    states.apply('ada', encode({ client: 1, clock: 7, state: {} }, { client: 2, clock: 3, state: {} }));
    hear(listener, states.encodeAll());
    expect([...listener.getStates().keys()]).toEqual([1, 2]);

    const gone = states.leave('ada');
    hear(listener, states.encode(gone));

    expect(gone).toEqual([1, 2]);
    expect([...listener.getStates().keys()]).toEqual([]);
    expect(states.leave('ada')).toEqual([]);
    expect(states.encodeAll()).toEqual([]);
  });

  it('[TXT12] ignores an echo of who has left', () => {
    const states = createStates();
    states.apply('ada', encode({ client: 1, clock: 7, state: {} }));
    states.apply('ben', encode({ client: 2, clock: 1, state: {} }));
    states.leave('ada');
    expect(states.apply('ben', encode({ client: 1, clock: 7, state: {} }))).toEqual(changed());
  });

  it('[TXT12] [CHK3] keeps the id of who has left from others, whatever they show, until its user is back', () => {
    const states = createStates();
    states.apply('ada 1', encode({ client: 1, clock: 7, state: { name: 'Ada' } }));
    states.leave('ada 1');
    for (const clock of [7, 8, 100]) {
      expect(states.apply('eve', encode({ client: 1, clock, state: { name: 'Eve' } }))).toEqual(changed());
    }
    expect(states.claimantOf(1)).toBe('ada');
    expect(states.apply('ada 2', encode({ client: 1, clock: 7, state: { name: 'Ada' } }))).toEqual(
      changed(1),
    );
    expect([states.claimantOf(1), states.claimantOf(2)]).toEqual(['ada', undefined]);
  });

  it('[TXT12] shows a client that reconnects to those who saw it go', () => {
    const states = createStates();
    const listener = createListener();
    const ada = new Awareness(new Y.Doc());
    ada.destroy();
    ada.setLocalState({ name: 'Ada' });
    const own = () => encodeAwarenessUpdate(ada, [ada.clientID]);
    states.apply('ada 1', own());
    hear(listener, states.encodeAll());
    hear(listener, states.encode(states.leave('ada 1')));

    states.apply('ada 2', own());
    hear(listener, states.encodeAll());
    hear(ada, states.encodeAll());
    expect(listener.getStates().get(ada.clientID)).toEqual({ name: 'Ada' });

    ada.setLocalState({ name: 'Ada', cursor: 3 });
    states.apply('ada 2', own());
    hear(listener, states.encodeAll());
    expect(listener.getStates().get(ada.clientID)).toEqual({ name: 'Ada', cursor: 3 });
  });

  it('[TXT12] keeps no more states of one owner than it may have', () => {
    const states = createStates();
    const entries = Array.from({ length: 10_000 }, (_, client) => ({ client, clock: 1, state: {} }));
    expect(states.apply('eve', encode(...entries))).toMatchObject({
      changed: { length: MAX_AWARENESS_STATES },
    });
    expect(states.apply('eve', encode({ client: 20_000, clock: 1, state: {} }))).toEqual(changed());
  });

  it('[TXT12] tells many states in payloads within the limits', () => {
    const states = new AwarenessStates<number>(String);
    const big = { text: 'x'.repeat(20_000) };
    for (let client = 0; client < 100; client++) {
      states.apply(client, encode({ client, clock: 1, state: client < 5 ? big : {} }));
    }
    const listener = createListener();
    const payloads = states.encodeAll();
    hear(listener, payloads);
    expect(listener.getStates().size).toBe(100);
    for (const payload of payloads) expect(payload.byteLength).toBeLessThanOrEqual(64 * 1024);
    expect(payloads.length).toBeLessThan(6);
  });

  it('[CHK8] refuses a state that is too deep or no JSON, and takes one that is as deep as may be', () => {
    const states = createStates();
    const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth);
    for (const state of [
      nested(65),
      nested(20_000),
      `{"a":${nested(64)}}`,
      '',
      '{',
      '[1,]',
      '"\u0007'.slice(0, 2),
    ]) {
      expect(states.apply('eve', encode({ client: 1, clock: 1, state }))).toEqual(MALFORMED);
    }
    const brackets = JSON.stringify({ text: '[{'.repeat(500), escaped: '\\"[[' });
    for (const [index, state] of [nested(64), brackets, '"[["', '{"a\\"[[":1}'].entries()) {
      expect(states.apply('ada', encode({ client: 10 + index, clock: 1, state }))).toEqual(
        changed(10 + index),
      );
    }
  });

  it('[CHK8] refuses clocks that no client reaches, and numbers that are none', () => {
    const states = createStates();
    for (const clock of [2 ** 32 + 1, Number.MAX_SAFE_INTEGER]) {
      expect(states.apply('eve', encode({ client: 1, clock, state: {} }))).toEqual(MALFORMED);
    }
    const zeros = [...Array<number>(200).fill(0x80), 0];
    expect(states.apply('eve', Uint8Array.of(1, ...zeros, 1, 2, 123, 125))).toEqual(MALFORMED);
    expect(states.apply('eve', Uint8Array.of(1, 7, ...zeros, 2, 123, 125))).toEqual(MALFORMED);
    expect(states.apply('ada', encode({ client: 1, clock: 2 ** 32, state: {} }))).toEqual(changed(1));
  });

  it('[TXT15] refuses what is no awareness payload, and applies nothing of it', () => {
    const states = createStates();
    const sound = encode({ client: 1, clock: 1, state: {} }, { client: 2, clock: 1, state: {} });
    for (let length = 0; length < sound.length; length++) {
      expect(states.apply('ada', sound.subarray(0, length))).toEqual(MALFORMED);
    }
    expect(states.apply('ada', Uint8Array.of(...sound, 0))).toEqual(MALFORMED);
    expect(states.apply('ada', encode({ client: 1, clock: 1, state: '{"x":' }))).toEqual(MALFORMED);
    expect(states.apply('ada', encode({ client: 1, clock: Number.MAX_SAFE_INTEGER, state: {} }))).toEqual(
      MALFORMED,
    );
    expect(states.encodeAll()).toEqual([]);
  });
});
