import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import { ADDRESS, createTextWorld, STREAM } from '../../../test/support/textWorld.ts';
import { MAX_PART_BYTES } from './stored/eventParts.ts';
import { loadText } from './stored/loadText.ts';
import { TEXT_EVENT_TYPES, toTextEpochBegun } from './stored/textEvents.ts';
import { FIRST_EPOCH } from './stored/textState.ts';

const EVE = { id: 'eve', name: 'Eve' };

type World = ReturnType<typeof createTextWorld>;

async function load({ store }: World) {
  const loaded = await loadText(store, STREAM);
  if (loaded.outcome !== 'loaded') throw new Error(loaded.outcome);
  return loaded.text;
}

/** What somebody exported: a plain text, edited, with formatting and an embedded value. */
function createExport() {
  const doc = new Y.Doc();
  const text = doc.getText('body');
  text.insert(0, 'a secret that was deleted');
  text.delete(0, text.length);
  text.insert(0, 'hello 😀 world');
  text.format(0, 5, { bold: true });
  text.insertEmbed(5, { image: 'a.png' });
  return { doc, delta: text.toDelta() as unknown, state: Y.encodeStateAsUpdate(doc) };
}

function toDelta(update: Uint8Array): unknown {
  const doc = new Y.Doc();
  Y.applyUpdate(doc, update);
  return doc.getText('body').toDelta();
}

describe('a new epoch of a text', () => {
  it('[EPO1] begins with an empty text, and nothing of the old one is kept', async () => {
    const world = createTextWorld();
    const ada = await world.join({ name: 'Ada' });
    ada.ytext.insert(0, 'a secret');
    await world.settle();

    const begun = await world.rooms.beginEpoch(ADDRESS, { user: EVE });

    const events = await world.storedEvents();
    expect(begun).toEqual({ outcome: 'begun', epoch: events[0]?.id, revision: 1n });
    expect(events.map(({ type, revision }) => [type, revision])).toEqual([[TEXT_EVENT_TYPES.epochBegun, 1n]]);
    expect(events[0]?.metadata.user).toEqual(EVE);
    expect(Buffer.from(events[0]?.data as Uint8Array).includes('secret')).toBe(false);
    expect(await world.rooms.read(ADDRESS)).toMatchObject({ text: '', revision: 1n });
    const ben = await world.join({ name: 'Ben' });
    ben.ytext.insert(0, 'anew');
    await world.settle();
    expect(ben.saved).toBe(2);
    expect(await world.rooms.read(ADDRESS)).toMatchObject({ text: 'anew', revision: 2n });
  });

  it('[EPO2] begins with a state that was exported, under a client id of whoever brought it', async () => {
    const world = createTextWorld();
    const ada = await world.join({ name: 'Ada' });
    const { doc, state, delta } = createExport();
    Y.applyUpdate(ada.doc, state);
    ada.post({ kind: 'update', update: state });
    await world.settle();
    ada.ytext.insert(0, 'later ');
    await world.settle();

    const begun = await world.rooms.beginEpoch(ADDRESS, { user: EVE, state });

    expect(begun.outcome).toBe('begun');
    const loaded = await load(world);
    expect(toDelta(loaded.update)).toEqual(delta);
    expect(Buffer.from(loaded.update).includes('secret')).toBe(false);
    expect([...loaded.owners.values()]).toEqual(['eve']);
    expect(loaded.retired).toEqual(new Set([doc.clientID, ada.doc.clientID]));
    expect([...loaded.owners.keys()].some((client) => loaded.retired.has(client))).toBe(false);
    expect((await world.join({ name: 'Ben' })).text).toBe(doc.getText('body').toJSON());
  });

  it('[EPO2] begins with a large state, in parts that any store takes', async () => {
    const world = createTextWorld();
    const doc = new Y.Doc();
    doc.getText('body').insert(0, 'x'.repeat(2 * MAX_PART_BYTES));
    for (let at = 0; at < 2000; at += 2) doc.getText('body').delete(at, 1);
    const before = await world.join({ name: 'Ada' });
    before.ytext.insert(0, 'before');
    await world.settle();
    before.disconnect();

    const state = Y.encodeStateAsUpdate(doc);
    const begun = await world.rooms.beginEpoch(ADDRESS, { user: EVE, state });

    const events = await world.storedEvents();
    expect(begun).toMatchObject({ epoch: events[0]?.id, revision: 2n });
    expect(events.map(({ revision }) => revision)).toEqual([1n, 2n]);
    expect(events.every(({ data }) => (data as Uint8Array).byteLength <= MAX_PART_BYTES)).toBe(true);
    const { update } = await load(world);
    expect(toDelta(update)).toEqual([{ insert: doc.getText('body').toJSON() }]);
  });

  it('[EPO2] takes a rich text with everything in it', async () => {
    const world = createTextWorld({ kindOf: () => 'rich-text' });
    const doc = new Y.Doc();
    const root = doc.getXmlFragment('body');
    const paragraph = new Y.XmlElement('paragraph');
    const words = new Y.XmlText('some words');
    root.insert(0, [paragraph, new Y.XmlText('loose')]);
    paragraph.insert(0, [words]);
    paragraph.setAttribute('align', 'left');
    words.format(0, 4, { em: {} });

    const begun = await world.rooms.beginEpoch(ADDRESS, { user: EVE, state: Y.encodeStateAsUpdate(doc) });

    expect(begun.outcome).toBe('begun');
    const rebuilt = new Y.Doc();
    Y.applyUpdate(rebuilt, (await load(world)).update);
    expect(rebuilt.getXmlFragment('body').toString()).toBe(root.toString());
    expect(root.toString()).toBe('<paragraph align="left"><em>some</em> words</paragraph>loose');
  });

  it.each([
    ['is cut', (state: Uint8Array) => state.subarray(0, -3)],
    ['has bytes after it', (state: Uint8Array) => Buffer.concat([state, Uint8Array.of(0)])],
    ['is of the second encoding', (state: Uint8Array) => Y.convertUpdateFormatV1ToV2(state)],
    ['has a gap', (state: Uint8Array) => Y.diffUpdate(state, gapAfterFirst(state))],
    ['is of another root', () => withRoot((doc) => doc.getText('title').insert(0, 'x'))],
    [
      'has another root besides',
      (state: Uint8Array) => Y.mergeUpdates([state, withRoot((doc) => doc.getText('title').insert(0, 'x'))]),
    ],
    [
      'holds elements',
      () => withRoot((doc) => doc.getXmlFragment('body').insert(0, [new Y.XmlElement('p')])),
    ],
    ['holds an array', () => withRoot((doc) => doc.getArray('body').insert(0, [1]))],
    ['is empty bytes', () => new Uint8Array(0)],
  ])('[EPO2] is refused where the state %s, and nothing has changed', async (_name, spoil) => {
    const world = createTextWorld();
    const ada = await world.join({ name: 'Ada' });
    ada.ytext.insert(0, 'kept');
    await world.settle();

    const begun = await world.rooms.beginEpoch(ADDRESS, { user: EVE, state: spoil(createExport().state) });

    expect(begun).toEqual({ outcome: 'malformed', detail: expect.any(String) as string });
    expect(ada.closed).toBeUndefined();
    expect(await world.storedEvents()).toHaveLength(1);
    expect(await load(world)).toMatchObject({ epoch: FIRST_EPOCH });
  });

  it('[EPO3] sends everyone away, and takes nothing that they bring back', async () => {
    const world = createTextWorld();
    const ada = await world.join({ name: 'Ada' });
    const ben = await world.join({ name: 'Ben' });
    ada.ytext.insert(0, 'hello');
    await world.settle();
    ben.ytext.insert(0, '>');
    await world.settle();

    const begun = await world.rooms.beginEpoch(ADDRESS, { user: EVE });
    expect([ada.closed?.reason, ben.closed?.reason]).toEqual(['other-epoch', 'other-epoch']);

    ben.ytext.insert(0, 'typed offline');
    await ben.connect(world.rooms, ADDRESS);
    await world.settle();
    expect(ben.closed?.reason).toBe('other-epoch');
    expect(await world.rooms.read(ADDRESS)).toMatchObject({ text: '' });
    expect(await world.storedEvents()).toHaveLength(1);
    const { retired } = await load(world);
    expect(retired).toEqual(new Set([ada.doc.clientID, ben.doc.clientID]));
    expect(begun.outcome).toBe('begun');
  });

  it('[EPO3] lets in who comes while it begins once it has begun, and stores what was under way before it', async () => {
    let open = () => {};
    let isShut = false;
    const world = createTextWorld({
      faults: {
        beforeAppend: () => (isShut ? new Promise<void>((resolve) => (open = resolve)) : undefined),
      },
    });
    const ada = await world.join({ name: 'Ada' });
    isShut = true;
    ada.ytext.insert(0, 'under way');
    await world.settle();
    const begun = world.rooms.beginEpoch(ADDRESS, { user: EVE });
    expect(ada.closed?.reason).toBe('other-epoch');
    const again = world.rooms.beginEpoch(ADDRESS, { user: EVE });
    const ben = world.createClient({ name: 'Ben' });
    const connected = ben.connect(world.rooms, ADDRESS);
    await world.settle();
    expect([ben.isConnected, ben.closed]).toEqual([false, undefined]);
    isShut = false;
    open();
    const results = await Promise.all([begun, again]);
    await connected;
    await world.settle();
    expect(results.map(({ outcome }) => outcome)).toEqual(['begun', 'begun']);
    expect([ben.text, ben.closed]).toEqual(['', undefined]);
    const { epoch, revision, retired } = await load(world);
    expect({ epoch, revision, outcome: 'begun' }).toEqual(results[1]);
    expect(revision).toBe(2n);
    expect(retired).toEqual(new Set([ada.doc.clientID]));
  });

  it('[EPO5] is the same after a snapshot and a restart, and so are the client ids that it does not take back', async () => {
    const world = createTextWorld({ snapshotPolicy: ({ isLeft }) => isLeft });
    const ada = await world.join({ name: 'Ada' });
    ada.ytext.insert(0, 'first');
    await world.settle();
    await world.rooms.beginEpoch(ADDRESS, { user: EVE });
    const ben = await world.join({ name: 'Ben' });
    ben.ytext.insert(0, 'second');
    await world.settle();
    const begun = await world.rooms.beginEpoch(ADDRESS, { user: EVE });
    const cleo = await world.join({ name: 'Cleo' });
    cleo.ytext.insert(0, 'third');
    await world.settle();
    const before = await load(world);
    cleo.disconnect();
    await world.settle();

    expect((await world.storedEvents()).map(({ type }) => type)).toEqual([TEXT_EVENT_TYPES.snapshotTaken]);
    const { epoch, retired, owners } = await load(world);
    expect({ epoch, retired, owners }).toEqual({
      epoch: before.epoch,
      retired: new Set([ada.doc.clientID, ben.doc.clientID]),
      owners: new Map([[cleo.doc.clientID, 'cleo']]),
    });
    expect(begun).toMatchObject({ epoch });
    for (const client of [ada, ben]) {
      await client.connect(world.rooms, ADDRESS);
      await world.settle();
      expect(client.closed?.reason).toBe('other-epoch');
    }
    expect((await world.join({ name: 'Cleo' })).text).toBe('third');
  });

  it('[EPO1] with a revision begins only where the text is at it', async () => {
    const world = createTextWorld();
    expect(await world.rooms.beginEpoch(ADDRESS, { user: EVE, expected: { revision: 0n } })).toEqual({
      outcome: 'changed',
      revision: undefined,
    });
    const ada = await world.join({ name: 'Ada' });
    ada.ytext.insert(0, 'kept');
    await world.settle();
    const untouched = { user: EVE, expected: { revision: undefined } };
    const changed = { outcome: 'changed', revision: 0n };
    expect(await world.rooms.beginEpoch(ADDRESS, untouched)).toEqual(changed);
    // Whoever has it open goes on.
    ada.ytext.insert(4, ' on');
    await world.settle();
    expect([ada.closed, (await world.rooms.read(ADDRESS)).text]).toEqual([undefined, 'kept on']);
    ada.disconnect();
    await world.settle();
    const seen = { user: EVE, expected: { revision: 0n } };
    expect(await world.rooms.beginEpoch(ADDRESS, seen)).toEqual({ outcome: 'changed', revision: 1n });
    const now = { user: EVE, expected: { revision: 1n } };
    expect(await world.rooms.beginEpoch(ADDRESS, now)).toMatchObject({ outcome: 'begun' });
    expect(await world.rooms.read(ADDRESS)).toMatchObject({ text: '' });
  });

  it('[EPO2] erases nothing that was saved while its state was made ready', async () => {
    const world = createTextWorld();
    const ada = await world.join({ name: 'Ada' });
    ada.ytext.insert(0, 'seen');
    await world.settle();
    const doc = new Y.Doc();
    doc.getText('body').insert(0, 'new '.repeat(100_000));
    const begun = world.rooms.beginEpoch(ADDRESS, {
      user: EVE,
      state: Y.encodeStateAsUpdate(doc),
      expected: { revision: 0n },
    });
    ada.ytext.insert(4, ', and saved');
    ada.deliverToRoom();
    await world.settle();
    expect(await begun).toEqual({ outcome: 'changed', revision: 1n });
    expect([ada.closed, ada.saved]).toEqual([undefined, 3]);
    expect((await world.rooms.read(ADDRESS)).text).toBe('seen, and saved');
  });

  it('[EPO1] with a revision erases nothing that was accepted and is not stored yet', async () => {
    let open = () => {};
    let isShut = false;
    const world = createTextWorld({
      faults: {
        beforeAppend: () => (isShut ? new Promise<void>((resolve) => (open = resolve)) : undefined),
      },
    });
    const ada = await world.join({ name: 'Ada' });
    ada.ytext.insert(0, 'seen');
    await world.settle();
    isShut = true;
    ada.ytext.insert(4, ', and more');
    await world.settle();
    const expected = { revision: 0n };
    expect(await world.rooms.beginEpoch(ADDRESS, { user: EVE, expected })).toEqual({
      outcome: 'changed',
      revision: 0n,
    });
    isShut = false;
    open();
    await world.settle();
    expect([ada.closed, (await world.rooms.read(ADDRESS)).text]).toEqual([undefined, 'seen, and more']);
  });

  it('[EPO1] takes what goes with the text along, before anybody is let in', async () => {
    const erased: unknown[] = [];
    let finish = () => {};
    const world = createTextWorld({
      hooks: {
        onErased: (text) => {
          erased.push(text);
          return new Promise((resolve) => (finish = resolve));
        },
      },
    });
    const begun = world.rooms.beginEpoch(ADDRESS, { user: EVE });
    await world.settle();
    const ada = world.createClient({ name: 'Ada' });
    const connected = ada.connect(world.rooms, ADDRESS);
    await world.settle();
    expect([erased, ada.isConnected]).toEqual([[{ stream: STREAM, field: 'body' }], false]);
    finish();
    await Promise.all([begun, connected]);
    expect(ada.isConnected).toBe(true);
  });

  it('leaves the text as it was where the store fails, and can be asked for again', async () => {
    let isFailing = false;
    const world = createTextWorld({
      faults: {
        beforeAppend: () => {
          if (isFailing) throw new Error('no disk');
        },
      },
    });
    const ada = await world.join({ name: 'Ada' });
    ada.ytext.insert(0, 'kept');
    await world.settle();
    isFailing = true;
    const begun = world.rooms.beginEpoch(ADDRESS, { user: EVE });
    const failed = expect(begun).rejects.toThrow(/could not be stored/);
    for (let second = 0; second < 11; second++) {
      await world.settle();
      world.clock.advance(1000);
    }
    await failed;
    isFailing = false;
    expect((await world.join({ name: 'Ben' })).text).toBe('kept');
    expect(await world.rooms.beginEpoch(ADDRESS, { user: EVE })).toMatchObject({ outcome: 'begun' });
  });

  it('[EPO1] forgets what an epoch made void when the text is opened, where it could not before', async () => {
    const world = createTextWorld();
    const { truncateBefore } = world.store;
    const ada = await world.join({ name: 'Ada' });
    ada.ytext.insert(0, 'a secret');
    await world.settle();
    ada.disconnect();
    await world.settle();
    world.store.truncateBefore = () => Promise.reject(new Error('no disk'));
    await expect(world.rooms.beginEpoch(ADDRESS, { user: EVE })).rejects.toThrow('no disk');
    expect((await world.join({ name: 'Ben' })).text).toBe('');
    expect(await world.storedEvents()).toHaveLength(2);
    expect(world.logged.at(-1)?.level).toBe('warn');

    world.store.truncateBefore = truncateBefore;
    await world.rooms.evict(ADDRESS, 'unavailable', 'closed');
    await world.join({ name: 'Cleo' });
    expect((await world.storedEvents()).map(({ type }) => type)).toEqual([TEXT_EVENT_TYPES.epochBegun]);
  });

  it('cannot begin where the text is gone, or the rooms close', async () => {
    const world = createTextWorld();
    await world.store.tombstone(STREAM);
    expect(await world.rooms.beginEpoch(ADDRESS, { user: EVE })).toMatchObject({ outcome: 'unavailable' });
    await world.rooms.close();
    const { state } = createExport();
    expect(await world.rooms.beginEpoch(ADDRESS, { user: EVE })).toMatchObject({ outcome: 'unavailable' });
    expect(await world.rooms.beginEpoch(ADDRESS, { user: EVE, state })).toMatchObject({
      outcome: 'unavailable',
    });
  });

  it('ends before the rooms are closed', async () => {
    const order: string[] = [];
    const world = createTextWorld();
    const begun = world.rooms.beginEpoch(ADDRESS, { user: EVE }).then(() => order.push('begun'));
    const closed = world.rooms.close().then(() => order.push('closed'));
    await Promise.all([begun, closed]);
    expect(order).toEqual(['begun', 'closed']);
  });

  it('[EPO1] is void where a server ended before all its parts were stored', async () => {
    const world = createTextWorld();
    const ada = await world.join({ name: 'Ada' });
    ada.ytext.insert(0, 'kept');
    await world.settle();
    ada.disconnect();
    await world.settle();
    const state = {
      epoch: randomUUID(),
      owners: new Map<number, string>(),
      retired: new Set<number>(),
      update: new Uint8Array(MAX_PART_BYTES),
    };
    const [first] = toTextEpochBegun({
      state,
      user: EVE,
      at: new Date(0).toISOString(),
      createId: randomUUID,
    });
    await world.store.append(STREAM, [first!], 'any');
    expect((await world.join({ name: 'Ben' })).text).toBe('kept');
  });
});

describe('opening a text', () => {
  it('[TXT16] loads it once for all who come at the same time', async () => {
    let reads = 0;
    const world = createTextWorld({ faults: { beforeRead: () => void (reads += 1) } });
    const clients = Array.from({ length: 20 }, (_, index) => world.createClient({ name: `P${index}` }));
    await Promise.all(clients.map((client) => client.connect(world.rooms, ADDRESS)));
    expect([reads, clients.every(({ isConnected }) => isConnected)]).toEqual([1, true]);
  });
});

/** A state vector that knows only the first operation of each client. */
function gapAfterFirst(state: Uint8Array): Uint8Array {
  const { from } = Y.parseUpdateMeta(state);
  return Y.encodeStateVector(new Map([...from.keys()].map((client) => [client, 1])));
}

function withRoot(edit: (doc: Y.Doc) => void): Uint8Array {
  const doc = new Y.Doc();
  edit(doc);
  return Y.encodeStateAsUpdate(doc);
}
