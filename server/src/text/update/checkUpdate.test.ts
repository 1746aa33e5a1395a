import * as prng from 'lib0/prng';
import { describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import { checkUpdate, type UpdateVerdict } from './checkUpdate.ts';
import { createUpdateDecoder } from './decodeUpdate.ts';
import { KnownContent } from './knownContent.ts';

const decode = createUpdateDecoder();
const seed = Number(process.env.WEFT_SEED ?? 1);

function know(...updates: Uint8Array[]): KnownContent {
  const known = new KnownContent();
  for (const update of updates) known.add(decode(update)!);
  return known;
}

function check(update: Uint8Array, known: KnownContent): UpdateVerdict {
  return checkUpdate(decode(update)!, known);
}

/** A document and the update of each edit made in it. */
function createEditor(clientId: number) {
  const doc = new Y.Doc();
  doc.clientID = clientId;
  const updates: Uint8Array[] = [];
  doc.on('update', (update: Uint8Array, origin: unknown) => {
    if (origin !== 'remote') updates.push(update);
  });
  return { doc, text: doc.getText('body'), updates };
}

describe('checking an update', () => {
  it('[TXT6] finds nothing new in what is known, in parts or in whole', () => {
    const { doc, text, updates } = createEditor(7);
    text.insert(0, 'hello');
    text.insert(5, ' world');
    text.delete(2, 3);
    const known = know(...updates);
    for (const update of [...updates, Y.encodeStateAsUpdate(doc), Uint8Array.of(0, 0)]) {
      expect(check(update, known)).toEqual({ verdict: 'no-op' });
    }
  });

  it('[TXT6] finds a deletion new that is known in part', () => {
    const { text, updates } = createEditor(7);
    text.insert(0, 'hello');
    text.delete(1, 2);
    const known = know(...updates);
    text.delete(0, 2);
    expect(check(updates.at(-1)!, known)).toEqual({ verdict: 'new' });
  });

  it('[TXT5] names the operation before a hole in a client’s clocks', () => {
    const { text, updates } = createEditor(7);
    text.insert(0, 'abc');
    text.insert(3, 'def');
    text.insert(6, 'ghi');
    const known = know(updates[0]!);
    expect(check(updates[2]!, known)).toEqual({ verdict: 'gap', missing: { client: 7, clock: 5 } });
    expect(check(Y.mergeUpdates([updates[0]!, updates[2]!]), known)).toMatchObject({ verdict: 'gap' });
    expect(check(Y.mergeUpdates([updates[1]!, updates[2]!]), known)).toEqual({ verdict: 'new' });
  });

  it('takes an update that leaves out what is known', () => {
    const { text, updates } = createEditor(7);
    text.insert(0, 'abc');
    text.insert(3, 'def');
    text.insert(6, 'ghi');
    const known = know(updates[0]!, updates[1]!);
    expect(check(Y.mergeUpdates([updates[0]!, updates[2]!]), known)).toEqual({ verdict: 'new' });
  });

  it('[TXT5] names what somebody else has to bring', () => {
    const ada = createEditor(7);
    const ben = createEditor(9);
    ada.text.insert(0, 'abc');
    Y.applyUpdate(ben.doc, ada.updates[0]!, 'remote');
    ben.text.insert(2, 'x');
    expect(check(ben.updates[0]!, know())).toEqual({ verdict: 'gap', missing: { client: 7, clock: 1 } });
    expect(check(ben.updates[0]!, know(ada.updates[0]!))).toEqual({ verdict: 'new' });
  });

  it('[TXT5] names a deletion of what is not there', () => {
    const { text, updates } = createEditor(7);
    text.insert(0, 'abc');
    text.insert(3, 'def');
    text.delete(1, 4);
    const known = know(updates[0]!);
    expect(check(updates[2]!, known)).toEqual({ verdict: 'gap', missing: { client: 7, clock: 4 } });
  });

  it('takes updates of two people that depend on each other', () => {
    const ada = createEditor(7);
    const ben = createEditor(9);
    for (let round = 0; round < 3; round++) {
      ada.text.insert(ada.text.length, 'a');
      Y.applyUpdate(ben.doc, ada.updates.at(-1)!, 'remote');
      ben.text.insert(ben.text.length, 'b');
      Y.applyUpdate(ada.doc, ben.updates.at(-1)!, 'remote');
    }
    expect(check(Y.encodeStateAsUpdate(ada.doc), know())).toEqual({ verdict: 'new' });
  });

  it('[TXT5] finds that two items wait for each other', () => {
    // Client 9's first item is to the right of client 7's first, and that to the right of client 9's.
    const item = (client: number, origin: number) => [1, client, 0, 0x84, origin, 0, 1, 97];
    const update = Uint8Array.of(2, ...item(9, 7), ...item(7, 9), 0);
    expect(check(update, know())).toMatchObject({ verdict: 'gap' });
  });

  it(`[TXT5] judges as a document would: random updates (seed ${seed})`, () => {
    const random = prng.create(seed);
    const verdicts = { new: 0, 'no-op': 0, gap: 0 };
    for (let round = 0; round < 60; round++) {
      const updates = createRandomUpdates(random);
      const density = prng.int32(random, 1, 10);
      const held = updates.filter(() => prng.int32(random, 1, 10) <= density);
      const room = { doc: new Y.Doc(), known: new KnownContent() };
      for (const update of held) {
        if (check(update, room.known).verdict === 'gap') continue;
        Y.applyUpdate(room.doc, update);
        room.known.add(decode(update)!);
      }
      for (let candidate = 0; candidate < 20; candidate++) {
        const update = createCandidate(random, updates);
        const { verdict } = check(update, room.known);
        expect(verdict).toBe(judgeByDocument(room.doc, update));
        verdicts[verdict] += 1;
      }
    }
    for (const count of Object.values(verdicts)) expect(count).toBeGreaterThan(20);
  });
});

function createRandomUpdates(random: prng.PRNG): Uint8Array[] {
  const editors = [3, 5, 8].map(createEditor);
  const updates: Uint8Array[] = [];
  for (let step = 0; step < 30; step++) {
    const { doc, text, updates: own } = prng.oneOf(random, editors);
    if (prng.int32(random, 0, 3) === 0) {
      const other = prng.oneOf(random, editors);
      Y.applyUpdate(doc, Y.encodeStateAsUpdate(other.doc), 'remote');
    } else if (text.length > 4 && prng.int32(random, 0, 2) === 0) {
      text.delete(prng.int32(random, 0, text.length - 3), 3);
      updates.push(own.at(-1)!);
    } else {
      text.insert(prng.int32(random, 0, text.length), prng.word(random, 1, 4));
      updates.push(own.at(-1)!);
    }
  }
  return updates;
}

function createCandidate(random: prng.PRNG, updates: Uint8Array[]): Uint8Array {
  if (prng.bool(random)) return prng.oneOf(random, updates);
  const chosen = updates.filter(() => prng.int32(random, 0, 9) < 2);
  const merged = Y.mergeUpdates(chosen.length > 0 ? chosen : [updates[0]!]);
  if (prng.bool(random)) return merged;
  const some = Y.mergeUpdates(updates.slice(0, prng.int32(random, 1, updates.length)));
  return Y.diffUpdate(merged, Y.encodeStateVectorFromUpdate(some));
}

function judgeByDocument(base: Y.Doc, update: Uint8Array): UpdateVerdict['verdict'] {
  const doc = new Y.Doc();
  Y.applyUpdate(doc, Y.encodeStateAsUpdate(base));
  const before = Y.snapshot(doc);
  Y.applyUpdate(doc, update);
  if (doc.store.pendingStructs !== null || doc.store.pendingDs !== null) return 'gap';
  return Y.equalSnapshots(before, Y.snapshot(doc)) ? 'no-op' : 'new';
}
