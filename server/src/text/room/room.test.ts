import { type CloseReason, encodeTextFrame, type User } from '@weft/client/protocol';
import { describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import { ADDRESS, createTextWorld, STREAM } from '../../../../test/support/textWorld.ts';
import { buildUpdate, collected, contents, item, TYPES } from '../../../../test/support/updateBuilder.ts';
import { createPendingBytes } from '../stored/pendingBytes.ts';
import { TEXT_EVENT_TYPES } from '../stored/textEvents.ts';
import type { TextParticipant } from '../textParticipant.ts';

/** Somebody who only keeps what is said to them. */
function createListener(epoch?: string) {
  const heard = { frames: 0, closed: undefined as CloseReason | undefined };
  const participant: TextParticipant = {
    user: { id: 'ben', name: 'Ben' },
    wantsSaved: true,
    epoch,
    send: () => (heard.frames += 1),
    close: (reason) => (heard.closed = reason),
  };
  return { heard, participant };
}

const foreign = encodeTextFrame({
  kind: 'update',
  update: buildUpdate({ sections: [{ client: 7, clock: 5, structs: [collected(3)] }] }),
});

describe('a room', () => {
  it('[CHK3] knows whose a client id is after a snapshot, when it is opened again', async () => {
    const world = createTextWorld({ snapshotPolicy: () => true });
    const ada = await world.join({ name: 'Ada', clientId: 7 });
    ada.ytext.insert(0, 'hello');
    await world.settle();
    ada.disconnect();
    await world.settle();
    const types = (await world.storedEvents()).map(({ type }) => type);
    expect(new Set(types)).toEqual(new Set([TEXT_EVENT_TYPES.snapshotTaken]));

    const eve = await world.join({ name: 'Eve' });
    eve.postBytes(foreign);
    await world.settle();
    expect(eve.closed?.reason).toBe('forbidden');
    expect((await world.rooms.read(ADDRESS)).text).toBe('hello');

    await ada.connect(world.rooms, ADDRESS);
    ada.ytext.insert(5, '!');
    await world.settle();
    expect((await world.rooms.read(ADDRESS)).text).toBe('hello!');
  });

  it('[CHK3] lets two connections of one person write under one client id', async () => {
    const world = createTextWorld();
    const first = await world.join({ name: 'Ada', clientId: 7 });
    const second = await world.join({ name: 'Ada', clientId: 8 });
    first.ytext.insert(0, 'hello');
    await world.settle();
    second.postBytes(foreign);
    await world.settle();
    expect([first.closed, second.closed]).toEqual([undefined, undefined]);
  });

  it('[CHK3] keeps a client id that somebody shows a cursor under from who would write under it first', async () => {
    const world = createTextWorld();
    const ada = await world.join({ name: 'Ada', clientId: 7 });
    const eve = await world.join({ name: 'Eve' });
    await world.settle();
    const written = { client: 7, structs: [item(contents.string('!'))] };
    eve.post({ kind: 'update', update: buildUpdate({ sections: [written] }) });
    await world.settle();
    expect(eve.closed?.reason).toBe('forbidden');
    ada.ytext.insert(0, 'hello');
    await world.settle();
    expect([ada.closed, (await world.rooms.read(ADDRESS)).text]).toEqual([undefined, 'hello']);
  });

  it('[CHK3] keeps a client id whose owner was cut off from who would write or show a cursor under it', async () => {
    const world = createTextWorld();
    const ada = await world.join({ name: 'Ada', clientId: 7 });
    const eve = await world.join({ name: 'Eve', clientId: 9 });
    const mallory = await world.join({ name: 'Mallory' });
    await world.settle();
    ada.disconnect();
    await world.settle();
    const state = Uint8Array.of(1, 7, 100, 2, 0x7b, 0x7d);
    eve.post({ kind: 'awareness', states: state });
    const written = { client: 7, structs: [item(contents.string('!'))] };
    mallory.post({ kind: 'update', update: buildUpdate({ sections: [written] }) });
    await world.settle();
    expect(mallory.closed?.reason).toBe('forbidden');
    await ada.connect(world.rooms, ADDRESS);
    await world.settle();
    ada.ytext.insert(0, 'hello');
    await world.settle();
    expect([ada.closed, (await world.rooms.read(ADDRESS)).text]).toEqual([undefined, 'hello']);
  });

  it('[TXT7] answers who asks again and again at once, and then once a second', async () => {
    const world = createTextWorld();
    const ada = await world.join({ name: 'Ada' });
    ada.ytext.insert(0, 'hello');
    await world.settle();
    const eve = await world.join({ name: 'Eve' });
    const answers = () => eve.frames.filter(({ kind }) => kind === 'sync-step-2').length;
    expect([answers(), eve.text]).toEqual([1, 'hello']);
    for (let asked = 0; asked < 300; asked++) {
      eve.post({ kind: 'sync-step-1', stateVector: Y.encodeStateVector(ada.doc) });
    }
    await world.settle();
    expect(answers()).toBe(1);
    world.clock.advance(1000);
    await world.settle();
    expect([answers(), eve.closed]).toEqual([2, undefined]);
  });

  it('[EPO3] lets in who names its epoch or none, and sends away who names another', async () => {
    const world = createTextWorld();
    const heard = [];
    for (const epoch of [undefined, '0', '1', '']) {
      const listener = createListener(epoch);
      const joined = await world.rooms.join(ADDRESS, listener.participant);
      expect(joined).toMatchObject({ outcome: 'joined', seat: { epoch: '0' } });
      await world.settle();
      heard.push([epoch, listener.heard.closed, listener.heard.frames > 0]);
      if (joined.outcome === 'joined') joined.seat.leave();
    }
    expect(heard).toEqual([
      [undefined, undefined, true],
      ['0', undefined, true],
      ['1', 'other-epoch', false],
      ['', 'other-epoch', false],
    ]);
  });

  it('[TXT18] sends away who brings more than all rooms together may keep, and takes it later', async () => {
    const pending = createPendingBytes(3000);
    const failure = { isOn: false };
    const beforeAppend = () => {
      if (failure.isOn) throw new Error('no disk');
    };
    const world = createTextWorld({ pending, faults: { beforeAppend } });
    const ada = await world.join({ name: 'Ada' });
    failure.isOn = true;
    pending.add(2500);
    ada.ytext.insert(0, 'x'.repeat(600));
    await world.settle();
    expect(ada.closed?.reason).toBe('unavailable');

    pending.remove(2500);
    failure.isOn = false;
    await ada.connect(world.rooms, ADDRESS);
    await world.settle();
    expect((await world.rooms.read(ADDRESS)).length).toBe(600);
    expect(pending.total).toBe(0);
  });

  it('[VER2] tells who edited a text once it is stored, and when the last one has left it', async () => {
    const told: unknown[] = [];
    const names = (users: readonly User[]) => users.map(({ name }) => name).sort();
    const world = createTextWorld({
      hooks: {
        onEdited: (text, users) => told.push([text, ...names(users)]),
        onLeft: (text) => told.push([text, 'left']),
      },
    });
    const text = { stream: STREAM, field: 'body' };
    const ada = await world.join({ name: 'Ada' });
    const ben = await world.join({ name: 'Ben' });
    ada.ytext.insert(0, 'a');
    await world.settle();
    expect(told).toEqual([[text, 'Ada']]);
    ben.ytext.insert(0, 'b');
    ben.disconnect();
    ada.disconnect();
    await world.settle();
    // What Ben typed last never left his machine.
    expect(told.slice(1)).toEqual([[text, 'left']]);

    const cleo = await world.join({ name: 'Cleo' });
    cleo.disconnect();
    await world.settle();
    expect(told).toHaveLength(2);
  });

  it('[RIC1] [CHK1] takes elements where its text is a rich one', async () => {
    const element = item(contents.type(TYPES.element, 'paragraph'));
    const update = buildUpdate({ sections: [{ client: 9, structs: [element] }] });
    const closed = [];
    for (const kind of ['text', 'rich-text'] as const) {
      const world = createTextWorld({ kindOf: () => kind });
      const eve = await world.join({ name: 'Eve' });
      eve.post({ kind: 'update', update });
      await world.settle();
      closed.push(eve.closed?.reason, (await world.storedDoc()).getXmlFragment('body').toJSON());
    }
    expect(closed).toEqual(['invalid-message', '', undefined, '<paragraph></paragraph>']);
  });
});
