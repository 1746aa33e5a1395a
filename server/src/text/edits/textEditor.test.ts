import { describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import { ADDRESS, createTextWorld, type TextWorld } from '../../../../test/support/textWorld.ts';
import type { EditOptions, TextEdit, TextEditResult } from './textEdit.ts';

const USER = { id: 'bot', name: 'Bot' };

/** Starts an edit and lets everything go on until nothing moves any more. */
async function edit(
  world: TextWorld,
  wanted: TextEdit,
  options: Partial<EditOptions> = {},
): Promise<TextEditResult | undefined> {
  let result: TextEditResult | undefined;
  const edited = world.rooms.edit(ADDRESS, wanted, { base: 'newest', user: USER, ...options });
  void edited.then((settled) => (result = settled));
  await world.settle();
  return result;
}

/** For one that is made in the worker, which takes as long as it takes. */
async function settleUntil<Value>(world: TextWorld, asked: Promise<Value>): Promise<Value> {
  let isDone = false;
  const done = asked.finally(() => (isDone = true));
  while (!isDone) await world.settle();
  await world.settle();
  return done;
}

const text = (whole: string): TextEdit => ({ kind: 'text', text: whole });

describe('an edit by the server', () => {
  it('[EDT4] is answered when it is durable, and only then seen', async () => {
    let isFailing = false;
    const world = createTextWorld({
      faults: {
        beforeAppend: () => {
          if (isFailing) throw new Error('full');
        },
      },
    });
    const ben = await world.join({ name: 'Ben' });
    isFailing = true;
    let result: TextEditResult | undefined;
    void world.rooms
      .edit(ADDRESS, text('new'), { base: undefined, user: USER })
      .then((done) => (result = done));
    await world.settle();
    expect(result).toBeUndefined();
    expect(ben.text).toBe('');
    isFailing = false;
    world.clock.advance(1_000);
    await world.settle();
    expect(result).toMatchObject({ outcome: 'edited', merged: false });
    expect(ben.text).toBe('new');
  });

  it('[EDT4] that cannot be stored in time says that it may still be', async () => {
    const world = createTextWorld({
      faults: {
        beforeAppend: () => {
          throw new Error('full');
        },
      },
    });
    await world.join();
    let result: TextEditResult | undefined;
    void world.rooms
      .edit(ADDRESS, text('new'), { base: 'newest', user: USER })
      .then((done) => (result = done));
    await world.settle();
    world.clock.advance(10_000);
    await world.settle();
    expect(result).toEqual({ outcome: 'unavailable', detail: expect.stringContaining('may still be') });
  });

  it('[EDT4] is unavailable while the rooms close, and when its text is deleted on the way', async () => {
    let onAppend: (() => void) | undefined;
    const world = createTextWorld({ faults: { beforeAppend: () => onAppend?.() } });
    const ben = await world.join({ name: 'Ben' });
    onAppend = () => {
      onAppend = undefined;
      void world.rooms.evict(ADDRESS, 'not-found', 'it was deleted');
    };
    expect(await edit(world, text('new'))).toEqual({ outcome: 'unavailable', detail: 'it was deleted' });
    expect(ben.closed).toMatchObject({ reason: 'not-found' });
    const closed = world.rooms.close();
    expect(await edit(world, text('new'))).toMatchObject({ outcome: 'unavailable' });
    expect(await edit(world, text('long '.repeat(10_000)))).toMatchObject({ outcome: 'unavailable' });
    await closed;
  });

  it('[EDT3] [EPO3] from a base before another epoch is forgotten, also when that begins meanwhile', async () => {
    const world = createTextWorld();
    const first = await edit(world, text('first'));
    if (first?.outcome !== 'edited') throw new Error('it was not edited');
    const begun = world.rooms.beginEpoch(ADDRESS, { user: USER });
    const meanwhile = await edit(world, text('first and second'), { base: first.revision });
    await begun;
    expect(['forgotten', 'edited']).toContain(meanwhile?.outcome);
    expect((await world.rooms.read(ADDRESS)).text).toBe('');
    expect(await edit(world, text('more'), { base: first.revision })).toEqual({ outcome: 'forgotten' });
    expect(await edit(world, text('more'), { base: undefined })).toEqual({ outcome: 'forgotten' });
    expect(await edit(world, text('more'))).toMatchObject({ outcome: 'edited', merged: false });
  });

  it('[EDT3] says whether others wrote since its base, and in the same moment', async () => {
    const world = createTextWorld();
    const ben = await world.join({ name: 'Ben' });
    ben.ytext.insert(0, 'one');
    await world.settle();
    const { revision } = await world.rooms.read(ADDRESS);
    expect(await edit(world, text('one two'), { base: revision })).toMatchObject({ merged: false });
    expect(await edit(world, text('one three'), { base: revision })).toMatchObject({ merged: true });
    const asked = edit(world, { kind: 'edits', edits: [{ at: 0, insert: '> ' }] });
    ben.ytext.insert(0, 'now ');
    ben.deliverToRoom();
    expect(await asked).toMatchObject({ outcome: 'edited', merged: true });
    expect(ben.text).toBe((await world.rooms.read(ADDRESS)).text);
    expect((await world.storedDoc()).getText('body').toJSON()).toBe(ben.text);
  });

  it('[EDT4] with a key is made once, also where it is asked for again meanwhile', async () => {
    const world = createTextWorld();
    const ben = await world.join({ name: 'Ben' });
    const more: TextEdit = { kind: 'edits', edits: [{ at: 0, insert: '> ' }] };
    const first = edit(world, more, { idempotencyKey: 'k' });
    ben.ytext.insert(0, 'Ben');
    ben.deliverToRoom();
    const again = edit(world, more, { idempotencyKey: 'k' });
    expect(await first).toMatchObject({ outcome: 'edited' });
    expect(await again).toEqual(await first);
    expect(await edit(world, more, { idempotencyKey: 'k' })).toMatchObject({ outcome: 'edited' });
    expect(ben.text).toHaveLength(5);
    expect(await edit(world, more, { idempotencyKey: 'k', user: { id: 'eve', name: 'Eve' } })).toMatchObject({
      outcome: 'edited',
    });
    expect(ben.text).toHaveLength(7);
  });

  it.each<[string, TextEdit, string]>([
    ['deletes', { kind: 'edits', edits: [{ at: 0, delete: 4 }] }, 'base'],
    ['changes nothing', text('base and more'), 'unchanged'],
  ])('[EDT4] with a key that only %s is made once, also after a snapshot', async (_what, wanted, how) => {
    const world = createTextWorld({ snapshotPolicy: () => true });
    await edit(world, text('base and more'));
    const ben = await world.join({ name: 'Ben' });
    const first = await edit(world, wanted, { idempotencyKey: 'k' });
    expect(first).toMatchObject({ outcome: how === 'base' ? 'edited' : 'unchanged' });
    ben.ytext.insert(0, 'Ben: ');
    await world.settle();
    const typed = ben.text;
    expect(typed).toMatch(/^Ben: /);
    expect(await edit(world, wanted, { idempotencyKey: 'k' })).toMatchObject({
      outcome: 'edited',
      merged: true,
    });
    ben.destroy();
    await world.settle();
    const { revision } = await world.rooms.read(ADDRESS);
    expect(await edit(world, wanted, { idempotencyKey: 'k' })).toEqual({
      outcome: 'edited',
      revision,
      merged: true,
    });
    expect((await world.rooms.read(ADDRESS)).text).toBe(typed);
  });

  it('[EDT4] with a key that was not stored in time waits for the first when it is repeated', async () => {
    let appends = Infinity;
    const faults = {
      beforeAppend: () => {
        if (appends === 0) throw new Error('full');
        appends -= 1;
      },
    };
    const world = createTextWorld({ faults });
    const ben = await world.join({ name: 'Ben' });
    ben.ytext.insert(0, 'base');
    await world.settle();
    appends = 0;
    ben.ytext.insert(4, ' of Ben');
    await world.settle();
    const options = { base: 'newest', user: USER, idempotencyKey: 'k' } as const;
    const results: TextEditResult[] = [];
    const start = async () => {
      void world.rooms.edit(ADDRESS, text('whole'), options).then((result) => results.push(result));
      await world.settle();
    };
    await start();
    world.clock.advance(10_000);
    await world.settle();
    expect(results).toMatchObject([{ outcome: 'unavailable' }]);
    // What Ben typed is stored, and the edit is not: made of the newest, it would take that away.
    appends = 1;
    while ((await world.rooms.read(ADDRESS)).text !== 'base of Ben') {
      world.clock.advance(1_000);
      await world.settle();
    }
    await start();
    expect(results).toHaveLength(1);
    appends = Infinity;
    world.clock.advance(9_000);
    await world.settle();
    expect(results[1]).toMatchObject({ outcome: 'edited', merged: true });
    expect(await edit(world, text('whole'), { idempotencyKey: 'k' })).toMatchObject({ merged: true });
    expect(ben.text).toBe('whole of Ben');
    expect((await world.rooms.read(ADDRESS)).text).toBe(ben.text);
  });

  it('[EDT4] after one that was not stored in time is another, and both are there', async () => {
    let isFailing = false;
    const faults = {
      beforeAppend: () => {
        if (isFailing) throw new Error('full');
      },
    };
    const world = createTextWorld({ faults });
    const ben = await world.join({ name: 'Ben' });
    const insert = (what: string): TextEdit => ({ kind: 'edits', edits: [{ at: 0, insert: what }] });
    await edit(world, insert('.'));
    isFailing = true;
    expect(await edit(world, insert('first'))).toBeUndefined();
    world.clock.advance(10_000);
    await world.settle();
    isFailing = false;
    const second = edit(world, insert('second'));
    world.clock.advance(9_000);
    expect(await second).toMatchObject({ outcome: 'edited' });
    expect(['firstsecond.', 'secondfirst.']).toContain(ben.text);
  });

  it('[EDT4] of several MiB is one update, which nobody sees half', async () => {
    const world = createTextWorld();
    const ben = await world.join({ name: 'Ben' });
    ben.ytext.insert(0, 'start');
    await world.settle();
    const lengths: number[] = [];
    ben.ytext.observe(() => lengths.push(ben.ytext.length));
    const whole = `start${'A line of a large text. '.repeat(400_000)}`;
    const { revision } = await world.rooms.read(ADDRESS);
    const result = await settleUntil(
      world,
      world.rooms.edit(ADDRESS, text(whole), { base: revision, user: USER }),
    );
    expect(result).toMatchObject({ outcome: 'edited', merged: false });
    expect(lengths).toEqual([whole.length]);
    // Stored in parts, which say themselves that they are one update.
    expect((await world.storedEvents()).length).toBeGreaterThan(2);
    expect((await world.storedDoc()).getText('body').length).toBe(whole.length);
  }, 60_000);

  it('[EDT5] that a room refuses is applied in no part, and takes nothing away from the next', async () => {
    const world = createTextWorld();
    await edit(world, text('start'));
    const before = await world.storedEvents();
    const big = [{ insert: 'x'.repeat(1024 * 1024) }, { insert: { image: 'y'.repeat(70_000) } }];
    const by = { base: 'newest', user: USER } as const;
    const edits = [{ at: 0, insert: 'IMPORTANT ' }];
    const refused = world.rooms.edit(ADDRESS, { kind: 'content', content: big }, by);
    const next = world.rooms.edit(ADDRESS, { kind: 'edits', edits }, by);
    expect(await settleUntil(world, refused)).toMatchObject({ outcome: 'invalid' });
    expect(await settleUntil(world, next)).toMatchObject({ outcome: 'edited', merged: false });
    expect((await world.rooms.read(ADDRESS)).text).toBe('IMPORTANT start');
    expect(await world.storedEvents()).toHaveLength(before.length + 1);
  });

  it('[EDT5] beyond what may wait for the store is unavailable, and applied in no part', async () => {
    const world = createTextWorld();
    const ben = await world.join({ name: 'Ben' });
    const whole = 'x'.repeat(17 * 1024 * 1024);
    const asked = world.rooms.edit(ADDRESS, text(whole), { base: 'newest', user: USER });
    expect(await settleUntil(world, asked)).toMatchObject({ outcome: 'unavailable' });
    expect(await world.storedEvents()).toEqual([]);
    expect(ben.text).toBe('');
  }, 60_000);

  it('[EDT3] [EPO3] of the newest text is made of the new epoch that begins meanwhile', async () => {
    const world = createTextWorld();
    const ben = await world.join({ name: 'Ben' });
    await edit(world, text('first'));
    const asked = world.rooms.edit(ADDRESS, text('second'), { base: 'newest', user: USER });
    const begun = world.rooms.beginEpoch(ADDRESS, { user: USER });
    expect(await settleUntil(world, asked)).toMatchObject({ outcome: 'edited' });
    expect(await settleUntil(world, begun)).toMatchObject({ outcome: 'begun' });
    expect(ben.closed).toMatchObject({ reason: 'other-epoch' });
    expect((await world.rooms.read(ADDRESS)).text).toBe('second');
  });

  it('[EDT4] goes on under one client id, whoever edits again and again, also side by side', async () => {
    const world = createTextWorld();
    const ada = await world.join({ name: 'Ada' });
    let revision: EditOptions['base'];
    for (let index = 0; index < 20; index++) {
      const result = await edit(world, { kind: 'edits', edits: [{ at: 0, insert: 'x' }] });
      if (index === 10 && result?.outcome === 'edited') revision = result.revision;
    }
    expect(ada.doc.store.clients.size).toBe(1);
    const beside = Array.from({ length: 5 }, () =>
      edit(world, { kind: 'edits', edits: [{ at: 0, insert: 'y' }] }),
    );
    await Promise.all(beside);
    expect(ada.doc.store.clients.size).toBe(1);
    // From an older base it did not write what it wrote since.
    await edit(world, { kind: 'edits', edits: [{ at: 11, insert: 'z' }] }, { base: revision });
    await edit(
      world,
      { kind: 'edits', edits: [{ at: 0, insert: 'x' }] },
      { user: { id: 'ada', name: 'Ada' } },
    );
    expect(ada.doc.store.clients.size).toBe(3);
    expect([...ada.text].toSorted().join('')).toBe('x'.repeat(21) + 'y'.repeat(5) + 'z');
  });

  it('[EDT4] leaves nothing behind in a room that nobody else is in', async () => {
    const world = createTextWorld();
    for (let index = 0; index < 50; index++) {
      const result = await edit(world, { kind: 'edits', edits: [{ at: index, insert: 'x' }] });
      expect(result).toMatchObject({ outcome: 'edited', revision: BigInt(index) });
    }
    expect((await world.rooms.read(ADDRESS)).text).toBe('x'.repeat(50));
    const doc = new Y.Doc();
    Y.applyUpdate(doc, (await world.rooms.exportState(ADDRESS)).update);
    expect(doc.getText('body').length).toBe(50);
  });

  it('[EDT1] [TXT20] of ten million characters is made, with all of them and with one word', async () => {
    const world = createTextWorld();
    const whole = 'A line of a very large text.\n'.repeat(345_000);
    for (const wanted of [whole, whole.replace('very', 'really')]) {
      const asked = world.rooms.edit(ADDRESS, text(wanted), { base: 'newest', user: USER });
      expect(await settleUntil(world, asked)).toMatchObject({ outcome: 'edited' });
    }
    expect((await world.rooms.read(ADDRESS)).length).toBe(whole.length + 2);
  }, 60_000);
});
