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
    const wait = async (wanted: string) => {
      const edited = world.rooms.edit(ADDRESS, text(wanted), { base: 'newest', user: USER });
      let result: TextEditResult | undefined;
      void edited.then((settled) => (result = settled));
      while (!result) await world.settle();
      return result;
    };
    expect(await wait(whole)).toMatchObject({ outcome: 'edited' });
    expect(await wait(whole.replace('very', 'really'))).toMatchObject({ outcome: 'edited' });
    expect((await world.rooms.read(ADDRESS)).length).toBe(whole.length + 2);
  }, 60_000);
});
