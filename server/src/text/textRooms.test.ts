import {
  decodeTextFrame,
  encodeTextFrame,
  MAX_AWARENESS_FRAME_BYTES,
  MAX_TEXT_FRAME_BYTES,
  type TextFrame,
} from '@weft/client/protocol';
import { describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import type { TextClient } from '../../../test/support/textClient.ts';
import { ADDRESS, createTextWorld, STREAM } from '../../../test/support/textWorld.ts';
import { TEXT_EVENT_TYPES, toTextEvents } from './stored/textEvents.ts';
import { FIRST_EPOCH } from './stored/textState.ts';

/** A gate in front of every append. */
function createGate() {
  let waiting: (() => void)[] = [];
  let isShut = false;
  return {
    beforeAppend: async () => {
      if (isShut) await new Promise<void>((resolve) => waiting.push(resolve));
    },
    shut: () => (isShut = true),
    open: () => {
      isShut = false;
      for (const resolve of waiting) resolve();
      waiting = [];
    },
  };
}

/** A store that can be told to fail. */
function createFailure() {
  const failure = { isOn: false, beforeAppend: () => failure.meet(), beforeRead: () => failure.meet(), meet };
  function meet() {
    if (failure.isOn) throw new Error('no disk');
  }
  return failure;
}

function updatesShown(client: TextClient): TextFrame[] {
  return client.frames.filter(({ kind }) => kind === 'update');
}

function countsSaved(client: TextClient): number[] {
  return client.frames.filter((frame) => frame.kind === 'saved').map(({ count }) => count);
}

describe('a text room', () => {
  it('[TXT2] shows an update to others and calls it saved only after it is durable', async () => {
    const gate = createGate();
    const world = createTextWorld({ faults: gate });
    const ada = await world.join({ name: 'Ada' });
    const ben = await world.join({ name: 'Ben' });
    const before = ada.saved;
    gate.shut();

    ada.ytext.insert(0, 'hello');
    await world.settle();
    const late = await world.join({ name: 'Cleo' });
    expect([ben.text, late.text, ada.saved]).toEqual(['', '', before]);

    gate.open();
    await world.settle();
    expect([ben.text, late.text]).toEqual(['hello', 'hello']);
    expect(ada.saved).toBe(ada.sentUpdates.length);
    expect(updatesShown(ada)).toEqual([]);
  });

  it('[TXT3] counts the update frames of a channel that are durable', async () => {
    const world = createTextWorld();
    const ada = await world.join();
    // The answer to the room's sync step 1.
    expect(countsSaved(ada)).toEqual([1]);
    ada.ytext.insert(0, 'a');
    await world.settle();
    for (const letter of 'bcd') ada.ytext.insert(0, letter);
    await world.settle();
    // The first of the three is stored at once, and the others together.
    expect(countsSaved(ada)).toEqual([1, 2, 3, 5]);
  });

  it('[TXT3] tells nobody who does not ask for it', async () => {
    const world = createTextWorld();
    const ada = await world.join({ wantsSaved: false });
    ada.ytext.insert(0, 'a');
    await world.settle();
    expect(countsSaved(ada)).toEqual([]);
    expect((await world.storedDoc()).getText('body').toJSON()).toBe('a');
  });

  it('[TXT4] refuses an update that does not decode, and stays as it was', async () => {
    const world = createTextWorld();
    const ada = await world.join({ name: 'Ada' });
    const eve = await world.join({ name: 'Eve' });
    ada.ytext.insert(0, 'hello');
    await world.settle();
    const before = await world.rooms.read(ADDRESS);
    const update = Y.encodeStateAsUpdate(ada.doc);

    eve.post({ kind: 'update', update: update.slice(0, -2) });
    await world.settle();

    expect(eve.closed?.reason).toBe('invalid-message');
    expect(await world.rooms.read(ADDRESS)).toEqual(before);
    expect(updatesShown(ada)).toEqual([]);
    ada.ytext.insert(5, '!');
    await world.settle();
    expect(await world.rooms.read(ADDRESS)).toEqual({
      text: 'hello!',
      length: 6,
      revision: 1n,
      epoch: FIRST_EPOCH,
    });
  });

  it('[TXT5] neither stores nor calls saved what has a gap, asks for it, and takes it whole', async () => {
    const world = createTextWorld();
    const ada = await world.join({ name: 'Ada' });
    const ben = await world.join({ name: 'Ben' });
    ada.ytext.insert(0, 'a');
    await world.settle();
    const saved = ada.saved;

    ada.ytext.insert(1, 'b');
    ada.ytext.insert(2, 'c');
    ada.toRoom.shift();
    ada.deliverToRoom();
    const asked = ada.toClient.length;
    ada.ytext.insert(3, 'd');
    ada.deliverToRoom();
    expect([asked, ada.toClient.length]).toEqual([1, 1]);
    expect((await world.storedDoc()).getText('body').toJSON()).toBe('a');
    expect(ada.saved).toBe(saved);

    await world.settle();
    expect(ben.text).toBe('abcd');
    // The frame that was lost on the way is part of the answer, so all that were sent count.
    expect(ada.saved).toBe(saved + 3);
  });

  it('[TXT5] does not ask again while an answer is on its way', async () => {
    const world = createTextWorld();
    const ada = world.createClient();
    await ada.connect(world.rooms, ADDRESS);
    for (const letter of 'abc') ada.ytext.insert(0, letter);
    ada.toRoom.splice(2, 1);
    while (ada.toRoom.length > 0) ada.deliverToRoom();
    await world.settle();
    expect(ada.frames.filter(({ kind }) => kind === 'sync-step-1')).toHaveLength(1);
    expect((await world.rooms.read(ADDRESS)).text).toBe('cba');
  });

  it('[TXT5] saves nothing that comes after a gap before the gap is closed', async () => {
    const gate = createGate();
    const world = createTextWorld({ faults: gate });
    const ada = await world.join({ name: 'Ada' });
    ada.ytext.insert(0, 'abc');
    await world.settle();
    const saved = ada.saved;

    const other = new Y.Doc();
    Y.applyUpdate(other, Y.encodeStateAsUpdate(ada.doc));
    other.getText('body').insert(3, 'x');
    const first = Y.encodeStateVector(other);
    other.getText('body').insert(4, 'y');
    ada.post({ kind: 'update', update: Y.encodeStateAsUpdate(other, first) });
    ada.deliverToRoom();
    ada.toClient.length = 0;
    ada.ytext.insert(0, '>');
    ada.deliverToRoom();
    await world.settle();
    expect((await world.rooms.read(ADDRESS)).text).toBe('>abc');
    expect(ada.saved).toBe(saved);

    gate.shut();
    ada.post({ kind: 'sync-step-2', update: Y.encodeStateAsUpdate(other) });
    await world.settle();
    expect(ada.saved).toBe(saved);
    gate.open();
    await world.settle();
    expect(ada.saved).toBe(saved + 3);
  });

  it('[TXT5] asks again when somebody else has brought what even the answer lacked, and not before', async () => {
    const world = createTextWorld();
    const eve = await world.join({ name: 'Eve' });
    const ada = await world.join({ name: 'Ada' });
    const hidden = new Y.Doc();
    hidden.getText('body').insert(0, 'hidden');
    const ben = new Y.Doc();
    Y.applyUpdate(ben, Y.encodeStateAsUpdate(hidden));
    ben.getText('body').insert(6, '!');
    const onlyBen = Y.encodeStateAsUpdate(ben, Y.encodeStateVector(hidden));
    const asked = () => eve.frames.filter(({ kind }) => kind === 'sync-step-1').length;
    const before = asked();

    Y.applyUpdate(eve.doc, onlyBen);
    eve.post({ kind: 'update', update: onlyBen });
    await world.settle();
    ada.ytext.insert(0, 'x');
    await world.settle();
    expect(asked()).toBe(before + 1);

    Y.applyUpdate(ada.doc, Y.encodeStateAsUpdate(hidden));
    await world.settle();
    expect(asked()).toBe(before + 2);
    expect(ada.text).toContain('hidden!');
    expect(eve.saved).toBe(eve.sentUpdates.length);
  });

  it('[TXT6] calls an update that adds nothing saved, and neither stores nor shows it', async () => {
    const world = createTextWorld();
    const ada = await world.join({ name: 'Ada' });
    const ben = await world.join({ name: 'Ben' });
    ada.ytext.insert(0, 'hello');
    ada.ytext.delete(1, 2);
    await world.settle();
    const shown = updatesShown(ben).length;
    const stored = (await world.storedEvents()).length;

    ada.disconnect();
    await ada.connect(world.rooms, ADDRESS);
    await world.settle();
    ada.post({ kind: 'update', update: Y.encodeStateAsUpdate(ada.doc) });
    await world.settle();

    expect(ada.saved).toBe(2);
    expect(updatesShown(ben)).toHaveLength(shown);
    expect(await world.storedEvents()).toHaveLength(stored);
  });

  it('[TXT6] calls it saved not before what it repeats is durable', async () => {
    const gate = createGate();
    const world = createTextWorld({ faults: gate });
    const ada = await world.join({ name: 'Ada' });
    const ben = await world.join({ name: 'Ben' });
    gate.shut();
    ada.ytext.insert(0, 'hello');
    await world.settle();
    const saved = ben.saved;
    ben.post({ kind: 'update', update: Y.encodeStateAsUpdate(ada.doc) });
    await world.settle();
    expect(ben.saved).toBe(saved);
    gate.open();
    await world.settle();
    expect(ben.saved).toBe(saved + 1);
    expect(await world.storedEvents()).toHaveLength(1);
  });

  it('[TXT7] sends a client that resumes what its state vector lacks, with all deletions', async () => {
    const world = createTextWorld();
    const ada = await world.join({ name: 'Ada' });
    const ben = await world.join({ name: 'Ben' });
    ada.ytext.insert(0, 'x'.repeat(500));
    await world.settle();
    ben.disconnect();
    ada.ytext.delete(100, 50);
    ada.ytext.insert(0, 'new');
    await world.settle();

    await ben.connect(world.rooms, ADDRESS);
    await world.settle();

    const [answer] = ben.frames.filter((frame) => frame.kind === 'sync-step-2');
    expect(ben.text).toBe(ada.text);
    expect(answer?.update.byteLength).toBeLessThan(60);
  });

  it('[TXT7] closes who sends a state vector that cannot be read', async () => {
    const world = createTextWorld();
    const eve = await world.join();
    eve.post({ kind: 'sync-step-1', stateVector: Uint8Array.of(3, 1) });
    await world.settle();
    expect(eve.closed?.reason).toBe('invalid-message');
  });

  it('[TXT8] stores what arrives together in one append, merged per person, and shows it in one frame', async () => {
    const gate = createGate();
    const world = createTextWorld({ faults: gate });
    const ada = await world.join({ name: 'Ada' });
    const adaToo = await world.join({ name: 'Ada' });
    const ben = await world.join({ name: 'Ben' });
    const reader = await world.join({ name: 'Cleo' });
    gate.shut();
    ada.ytext.insert(0, 'first');
    await world.settle();

    ada.ytext.insert(5, '-');
    ben.ytext.insert(0, 'b1');
    adaToo.ytext.insert(0, 'a2');
    ben.ytext.insert(0, 'b2');
    await world.settle();
    gate.open();
    await world.settle();

    const events = toTextEvents(await world.storedEvents());
    expect(
      events.map((event) => event.kind === 'updated' && event.contributions.map(({ user }) => user.name)),
    ).toEqual([['Ada'], ['Ada', 'Ben']]);
    expect(updatesShown(reader)).toHaveLength(2);
    // Its own part of a frame does a sender no harm; a frame that is all its own it is spared.
    expect(updatesShown(ada)).toHaveLength(1);
    for (const { text } of [ada, adaToo, ben]) expect(text).toBe(reader.text);
    expect(reader.text).toHaveLength(12);
  });

  it('[TXT8] appends at once after a rest, and otherwise once in twenty milliseconds', async () => {
    const world = createTextWorld();
    const ada = await world.join();
    const stored = async () => (await world.storedEvents()).length;
    ada.ytext.insert(0, 'a');
    ada.deliverToRoom();
    expect(await stored()).toBe(1);
    for (const letter of 'bcd') ada.ytext.insert(0, letter);
    for (let frame = 0; frame < 3; frame++) ada.deliverToRoom();
    world.clock.advance(19);
    expect(await stored()).toBe(1);
    world.clock.advance(1);
    expect(await stored()).toBe(2);
  });

  it('[TXT9] keeps updates while the store fails, calls nothing saved, and stores them when it can', async () => {
    const failure = createFailure();
    const world = createTextWorld({ faults: failure });
    const ada = await world.join({ name: 'Ada' });
    const ben = await world.join({ name: 'Ben' });
    const saved = [ada.saved, ben.saved];
    failure.isOn = true;
    ada.ytext.insert(0, 'a');
    await world.settle();
    ben.ytext.insert(0, 'b');
    await world.settle();
    world.clock.advance(60_000);
    await world.settle();
    expect([ada.saved, ben.saved]).toEqual(saved);
    expect([ada.text, ben.text]).toEqual(['a', 'b']);
    expect(world.logged.filter(({ level }) => level === 'error')).toHaveLength(1);

    failure.isOn = false;
    for (let turn = 0; turn < 3; turn++) {
      world.clock.advance(5000);
      await world.settle();
    }
    expect(ada.text).toBe(ben.text);
    expect(ada.text).toHaveLength(2);
    expect(ada.saved).toBe(ada.sentUpdates.length);
    expect((await world.storedDoc()).getText('body').toJSON()).toBe(ada.text);
  });

  it('[TXT9] tells who sends more than can be kept to come back later', async () => {
    const failure = createFailure();
    const world = createTextWorld({ faults: failure });
    const ada = await world.join({ name: 'Ada' });
    const ben = await world.join({ name: 'Ben' });
    failure.isOn = true;
    for (let paste = 0; paste < 3; paste++) ada.ytext.insert(0, 'x'.repeat(6 * 1024 * 1024));
    await world.settle();
    expect(ada.closed?.reason).toBe('unavailable');
    expect(ben.closed).toBeUndefined();

    failure.isOn = false;
    world.clock.advance(5000);
    await world.settle();
    expect(ben.text).toHaveLength(12 * 1024 * 1024);
    await ada.connect(world.rooms, ADDRESS);
    await world.settle();
    expect(ben.text).toHaveLength(18 * 1024 * 1024);
  });

  it('[TXT9] lets nobody in while the text cannot be read, and overwrites nothing', async () => {
    const failure = createFailure();
    const world = createTextWorld({ faults: failure });
    failure.isOn = true;
    const ada = world.createClient();
    const ben = world.createClient();
    await Promise.all([ada.connect(world.rooms, ADDRESS), ben.connect(world.rooms, ADDRESS)]);
    expect([ada.closed?.reason, ben.closed?.reason]).toEqual(['unavailable', 'unavailable']);
    expect(world.logged.filter(({ level }) => level === 'error')).toHaveLength(1);
    await expect(world.rooms.read(ADDRESS)).rejects.toThrow('no disk');

    failure.isOn = false;
    await ada.connect(world.rooms, ADDRESS);
    await world.settle();
    ada.ytext.insert(0, 'a');
    await world.settle();
    expect(ada.saved).toBe(2);
  });

  it('[TXT10] takes a snapshot by its policy, truncates what it covers, and reads the same', async () => {
    const world = createTextWorld({ snapshotPolicy: ({ updates }) => updates >= 3 });
    const ada = await world.join({ name: 'Ada' });
    ada.ytext.insert(0, 'a secret');
    await world.settle();
    ada.ytext.delete(0, 8);
    await world.settle();
    const before = [...(await world.storedEvents())];
    ada.ytext.insert(0, 'hello');
    await world.settle();

    const events = await world.storedEvents();
    expect(before.map(({ type }) => type)).toEqual([TEXT_EVENT_TYPES.updated, TEXT_EVENT_TYPES.updated]);
    expect(events.map(({ type, revision }) => [type, revision])).toEqual([
      [TEXT_EVENT_TYPES.snapshotTaken, 3n],
    ]);
    expect(events[0]?.metadata.snapshot).toEqual({ covers: '2', length: 5 });
    expect(Buffer.from(events[0]!.data as Uint8Array).includes('secret')).toBe(false);
    expect(await world.rooms.read(ADDRESS)).toEqual({
      text: 'hello',
      length: 5,
      revision: 2n,
      epoch: FIRST_EPOCH,
    });
    const stored = await world.storedDoc();
    expect(Y.encodeStateVector(stored)).toEqual(Y.encodeStateVector(ada.doc));
    const ben = await world.join({ name: 'Ben' });
    expect(ben.text).toBe('hello');
    const [answer] = ben.frames.filter((frame) => frame.kind === 'sync-step-2');
    expect(Buffer.from(answer!.update).includes('secret')).toBe(false);
  });

  it.each([{ failing: 'append' }, { failing: 'truncateBefore' }, { failing: 'nothing' }])(
    '[TXT10] keeps what is typed while a snapshot is stored, where $failing fails',
    async ({ failing }) => {
      const gate = createGate();
      const world = createTextWorld({ snapshotPolicy: ({ updates }) => updates >= 2 });
      const { append, truncateBefore } = world.store;
      world.store.append = async (stream, events, expected) => {
        if (events[0]?.type === TEXT_EVENT_TYPES.updated) return append(stream, events, expected);
        await gate.beforeAppend();
        if (failing === 'append') throw new Error('no disk');
        return append(stream, events, expected);
      };
      world.store.truncateBefore = async (...request) => {
        if (failing === 'truncateBefore') throw new Error('no disk');
        return truncateBefore(...request);
      };
      gate.shut();
      const ada = await world.join({ name: 'Ada' });
      for (const letter of ['a', 'b', 'c']) {
        ada.ytext.insert(0, letter);
        await world.settle();
      }
      gate.open();
      await world.settle();

      const stored = {
        append: [0n, 1n, 2n],
        truncateBefore: [0n, 1n, 2n, 3n],
        // The third update was stored after what the snapshot covers, and before the snapshot.
        nothing: [2n, 3n],
      };
      expect((await world.storedEvents()).map(({ revision }) => revision)).toEqual(
        stored[failing as keyof typeof stored],
      );
      expect(world.logged.filter(({ level }) => level === 'warn')).toHaveLength(
        failing === 'nothing' ? 0 : 1,
      );
      expect(await world.rooms.read(ADDRESS)).toEqual({
        text: 'cba',
        length: 3,
        revision: 2n,
        epoch: FIRST_EPOCH,
      });
      expect((await world.storedDoc()).getText('body').toJSON()).toBe('cba');
      expect((await world.join({ name: 'Ben' })).text).toBe('cba');
    },
  );

  it('[TXT11] ends when the last one has left and everything is stored, and reads the same when opened again', async () => {
    const gate = createGate();
    let reads = 0;
    const world = createTextWorld({ faults: { ...gate, beforeRead: () => void (reads += 1) } });
    const ada = await world.join({ name: 'Ada' });
    gate.shut();
    ada.ytext.insert(0, 'hello');
    ada.deliverToRoom();
    ada.disconnect();
    await world.settle();

    // Still open, since something is not stored yet: who comes now comes into the same room.
    const openings = reads;
    const ben = await world.join({ name: 'Ben' });
    expect(reads).toBe(openings);
    expect(ben.text).toBe('');
    gate.open();
    await world.settle();
    expect(ben.text).toBe('hello');

    ben.disconnect();
    await world.settle();
    expect(world.clock.timers).toBe(0);
    const cleo = await world.join({ name: 'Cleo' });
    expect(reads).toBe(openings + 1);
    expect(cleo.text).toBe('hello');
  });

  it('[TXT11] is opened once for all who come at the same time', async () => {
    let reads = 0;
    const world = createTextWorld({ faults: { beforeRead: () => void (reads += 1) } });
    const clients = Array.from({ length: 5 }, (_, index) => world.createClient({ name: `P${index}` }));
    await Promise.all(clients.map((client) => client.connect(world.rooms, ADDRESS)));
    expect(reads).toBe(1);
    clients[0]?.ytext.insert(0, 'hello');
    await world.settle();
    expect(clients.map(({ text }) => text)).toEqual(clients.map(() => 'hello'));
  });

  it('[TXT11] takes a last snapshot of what is new when the last one has left', async () => {
    const world = createTextWorld({ snapshotPolicy: ({ isLeft }) => isLeft });
    const ada = await world.join({ name: 'Ada' });
    ada.ytext.insert(0, 'hello');
    await world.settle();
    ada.disconnect();
    await world.settle();
    expect((await world.storedEvents()).map(({ type }) => type)).toEqual([TEXT_EVENT_TYPES.snapshotTaken]);

    const ben = await world.join({ name: 'Ben' });
    expect(ben.text).toBe('hello');
    ben.disconnect();
    await world.settle();
    expect(await world.storedEvents()).toHaveLength(1);
  });

  it('[TXT11] is still open while its last snapshot is being stored', async () => {
    const gate = createGate();
    let reads = 0;
    const world = createTextWorld({
      faults: { ...gate, beforeRead: () => void (reads += 1) },
      snapshotPolicy: ({ isLeft }) => isLeft,
    });
    const ada = await world.join({ name: 'Ada' });
    ada.ytext.insert(0, 'hello');
    await world.settle();
    gate.shut();
    ada.disconnect();
    await world.settle();
    const ben = await world.join({ name: 'Ben' });
    expect([ben.text, reads]).toEqual(['hello', 1]);
    gate.open();
    await world.settle();
    ben.ytext.insert(5, '!');
    await world.settle();
    expect((await world.rooms.read(ADDRESS)).text).toBe('hello!');
  });

  it('[TXT12] relays awareness to everyone, its sender included, and tells a newcomer all', async () => {
    const world = createTextWorld();
    const ada = await world.join({ name: 'Ada' });
    const ben = await world.join({ name: 'Ben' });
    ada.awareness.setLocalState({ name: 'Ada' });
    await world.settle();
    ben.awareness.setLocalState({ name: 'Ben' });
    await world.settle();
    const heard = ada.frames.filter(({ kind }) => kind === 'awareness').length;
    ada.awareness.setLocalState({ name: 'Ada', cursor: 4 });
    await world.settle();
    expect(ada.frames.filter(({ kind }) => kind === 'awareness').length).toBeGreaterThan(heard);
    expect(ben.awareness.getStates().get(ada.doc.clientID)).toEqual({ name: 'Ada', cursor: 4 });

    const cleo = await world.join({ name: 'Cleo' });
    expect(cleo.awareness.getStates().get(ada.doc.clientID)).toEqual({ name: 'Ada', cursor: 4 });
    expect(cleo.awareness.getStates().get(ben.doc.clientID)).toEqual({ name: 'Ben' });
  });

  it('[TXT12] answers a question for awareness with all states', async () => {
    const world = createTextWorld();
    const ada = await world.join({ name: 'Ada' });
    ada.awareness.setLocalState({ name: 'Ada' });
    const ben = await world.join({ name: 'Ben' });
    ben.frames = [];
    ben.post({ kind: 'query-awareness' });
    await world.settle();
    expect(ben.frames.map(({ kind }) => kind)).toEqual(['awareness']);
  });

  it('[TXT12] takes states back when their socket goes, and shows them when it comes again', async () => {
    const world = createTextWorld();
    const ada = await world.join({ name: 'Ada' });
    const ben = await world.join({ name: 'Ben' });
    ada.awareness.setLocalState({ name: 'Ada' });
    await world.settle();
    ada.disconnect();
    await world.settle();
    expect(ben.awareness.getStates().has(ada.doc.clientID)).toBe(false);
    await ada.connect(world.rooms, ADDRESS);
    await world.settle();
    expect(ben.awareness.getStates().get(ada.doc.clientID)).toEqual({ name: 'Ada' });
  });

  it('[TXT15] refuses frames that are too big or none, and states that cannot be read', async () => {
    const world = createTextWorld();
    const reasonAfter = async (bytes: Uint8Array) => {
      const eve = await world.join({ name: 'Eve' });
      eve.postBytes(bytes);
      await world.settle();
      return eve.closed?.reason;
    };
    const states = new Uint8Array(MAX_AWARENESS_FRAME_BYTES + 1);
    expect(await reasonAfter(new Uint8Array(MAX_TEXT_FRAME_BYTES + 1))).toBe('too-big');
    expect(await reasonAfter(encodeTextFrame({ kind: 'awareness', states }))).toBe('too-big');
    expect(await reasonAfter(encodeTextFrame({ kind: 'awareness', states: Uint8Array.of(1) }))).toBe(
      'invalid-message',
    );
    expect(await reasonAfter(encodeTextFrame({ kind: 'saved', count: 1 }))).toBe('invalid-message');
    expect(await reasonAfter(Uint8Array.of(2, 0))).toBe('invalid-message');
    expect(await reasonAfter(new Uint8Array(0))).toBe('invalid-message');
    expect(await world.storedEvents()).toEqual([]);
  });

  it('closes who cannot be served, and serves the others', async () => {
    const world = createTextWorld();
    const ada = await world.join({ name: 'Ada' });
    const closed: string[] = [];
    const joined = await world.rooms.join(ADDRESS, {
      user: { id: 'eve', name: 'Eve' },
      wantsSaved: false,
      send: (frame) => {
        if (decodeTextFrame(frame)?.kind === 'sync-step-2') throw new Error('it is broken');
      },
      close: (reason) => closed.push(reason),
    });
    if (joined.outcome !== 'joined') throw new Error(joined.outcome);
    joined.seat.receive(encodeTextFrame({ kind: 'sync-step-1', stateVector: Uint8Array.of(0) }));
    ada.ytext.insert(0, 'a');
    await world.settle();
    expect(closed).toEqual(['internal']);
    expect(ada.saved).toBe(2);
  });

  it('keeps what it was given, whatever becomes of the bytes', async () => {
    const gate = createGate();
    const world = createTextWorld({ faults: gate });
    const ada = await world.join();
    gate.shut();
    for (const letter of 'ab') {
      ada.ytext.insert(0, letter);
      const [bytes] = ada.toRoom;
      ada.deliverToRoom();
      bytes?.fill(0);
    }
    gate.open();
    await world.settle();
    expect((await world.storedDoc()).getText('body').toJSON()).toBe('ba');
  });

  it('hears nothing from who has left or was closed', async () => {
    const world = createTextWorld();
    const ada = await world.join({ name: 'Ada' });
    const joined = await world.rooms.join(ADDRESS, {
      user: ada.user,
      wantsSaved: true,
      send: () => {},
      close: () => {},
    });
    if (joined.outcome !== 'joined') throw new Error(joined.outcome);
    joined.seat.leave();
    joined.seat.leave();
    joined.seat.receive(encodeTextFrame({ kind: 'update', update: Uint8Array.of(9) }));
    ada.ytext.insert(0, 'a');
    await world.settle();
    expect(await world.storedEvents()).toHaveLength(1);
  });
});

describe('text rooms', () => {
  it('[TXT14] read what is stored, of an open text and of a closed one', async () => {
    const world = createTextWorld({ snapshotPolicy: ({ isLeft }) => isLeft });
    expect(await world.rooms.read(ADDRESS)).toEqual({
      text: '',
      length: 0,
      revision: undefined,
      epoch: FIRST_EPOCH,
    });
    const ada = await world.join();
    ada.ytext.insert(0, 'hi 😀');
    await world.settle();
    const stored = { text: 'hi 😀', length: 5, revision: 0n, epoch: FIRST_EPOCH };
    expect(await world.rooms.read(ADDRESS)).toEqual(stored);
    ada.disconnect();
    await world.settle();
    // The snapshot has a revision of its own, and is no change of the text.
    expect(await world.rooms.read(ADDRESS)).toEqual(stored);
    expect(await world.rooms.read(ADDRESS)).toEqual(stored);
    expect(await world.rooms.read({ ...ADDRESS, id: 'n2' })).toMatchObject({ text: '' });
  });

  it('evict everyone from a text that is no more', async () => {
    const gate = createGate();
    const world = createTextWorld({ faults: gate });
    const ada = await world.join({ name: 'Ada' });
    gate.shut();
    ada.ytext.insert(0, 'a');
    await world.settle();
    const saved = ada.saved;
    ada.ytext.insert(1, 'b');
    await world.settle();

    const evicted = world.rooms.evict(ADDRESS, 'not-found', 'it was deleted');
    expect(ada.closed?.reason).toBe('not-found');
    gate.open();
    await evicted;
    await world.settle();
    expect(ada.saved).toBe(saved);
    // What was on its way to the store could not be called back; nothing was sent after it.
    expect(await world.storedEvents()).toHaveLength(1);
    await world.rooms.evict(ADDRESS, 'not-found', 'it was deleted');
  });

  it('let nobody into a text that was evicted while it was being opened', async () => {
    let proceed = () => {};
    const world = createTextWorld({
      faults: { beforeRead: () => new Promise<void>((resolve) => (proceed = resolve)) },
    });
    const ada = world.createClient();
    const connected = ada.connect(world.rooms, ADDRESS);
    await world.rooms.evict(ADDRESS, 'not-found', 'it was deleted');
    proceed();
    await connected;
    expect(ada.closed?.reason).toBe('unavailable');
  });

  it('send everyone away when a text’s stream is gone for good', async () => {
    const world = createTextWorld();
    const ada = await world.join({ name: 'Ada' });
    await world.store.tombstone(STREAM);
    ada.ytext.insert(0, 'a');
    await world.settle();
    expect(ada.closed?.reason).toBe('not-found');
    await ada.connect(world.rooms, ADDRESS);
    expect(ada.closed?.reason).toBe('unavailable');
  });

  it('store everything accepted before they close, and then send everyone away', async () => {
    const failure = createFailure();
    const world = createTextWorld({ faults: failure });
    const ada = await world.join({ name: 'Ada' });
    failure.isOn = true;
    ada.ytext.insert(0, 'a');
    await world.settle();
    ada.ytext.insert(1, 'b');
    ada.deliverToRoom();
    failure.isOn = false;

    await world.rooms.close();

    expect((await world.storedDoc()).getText('body').toJSON()).toBe('ab');
    expect(ada.closed?.reason).toBe('unavailable');
    await ada.connect(world.rooms, ADDRESS);
    expect(ada.closed?.reason).toBe('unavailable');
    await world.rooms.close();
  });

  it('give up what the store does not take when they close', async () => {
    const failure = createFailure();
    const world = createTextWorld({ faults: failure });
    const ada = await world.join({ name: 'Ada' });
    failure.isOn = true;
    ada.ytext.insert(0, 'a');
    await world.settle();
    const saved = ada.saved;
    const closed = world.rooms.close();
    for (let second = 0; second < 11; second++) {
      world.clock.advance(1000);
      await world.settle();
    }
    await closed;
    expect(world.clock.timers).toBe(0);
    expect(ada.closed?.reason).toBe('unavailable');
    expect(ada.saved).toBe(saved);
    expect(world.logged.at(-1)?.message).toContain('given up');
    failure.isOn = false;
    expect(await world.storedEvents()).toEqual([]);
  });
});
