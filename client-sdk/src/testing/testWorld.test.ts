import { readFile } from 'node:fs/promises';
import { expect, onTestFinished, test, vi } from 'vitest';
import { note } from '../testSupport/noteDefinition.ts';
import { createTestWorld, type TestWorldOptions } from './index.ts';

const BODY = { aggregate: 'note', id: 'n1', field: 'body' };

/** Two people who have a note open, whose title is `Plan`. */
async function openNote(options: Partial<TestWorldOptions<readonly [typeof note]>> = {}) {
  const world = createTestWorld({ aggregates: [note], ...options });
  onTestFinished(() => world[Symbol.asyncDispose]());
  const ada = world.connect('Ada');
  const ben = world.connect('Ben');
  const adas = ada.weft.note('n1');
  const bens = ben.weft.note('n1');
  await adas.create({ title: 'Plan' });
  await world.settle();
  return { world, ada, ben, adas, bens };
}

test('[TST1] what one does the others see, and the server stores', async () => {
  const { world, adas, bens } = await openNote();
  expect(bens.fields.title).toBe('Plan');
  const [body, same] = [adas.text('body'), bens.text('body')];
  await world.settle();
  body.ytext.insert(0, 'Buy milk');
  await world.settle();
  expect(same.ytext.toJSON()).toBe('Buy milk');
  expect(await world.texts.read(BODY)).toMatchObject({ outcome: 'read', text: 'Buy milk' });
});

test('[TST1] an answer comes to whoever awaits it, without settling', async () => {
  const { ada, bens } = await openNote();
  expect(await bens.change({ remark: 'soon' })).toMatchObject({ outcome: 'accepted' });
  expect(await bens.run('close', { tag: 'done' })).toMatchObject({
    outcome: 'accepted',
    output: { tags: 1 },
  });
  expect(await ada.weft.list('note').whenReady()).toMatchObject({ items: [{ fields: { tags: ['done'] } }] });
});

test('[TST1] the server edits a text for everybody, on a clock that stands still', async () => {
  const { world, adas } = await openNote();
  const body = adas.text('body');
  await body.whenSynced();
  const user = { id: 'clerk', name: 'Clerk' };
  for (const text of ['one', 'one, two', 'one, two, three']) {
    const read = await world.texts.read(BODY);
    const base = read.outcome === 'read' ? read.revision : undefined;
    expect(await world.texts.edit(BODY, { kind: 'text', text }, { user, base })).toMatchObject({
      outcome: 'edited',
    });
  }
  await world.settle();
  expect(body.ytext.toJSON()).toBe('one, two, three');
});

test('[TST1] people are who the application says, and whoever is refused stays out', async () => {
  await using world = createTestWorld({
    aggregates: [note],
    authenticate: ({ token }) =>
      Promise.resolve(
        token === 'key-of-ada'
          ? { outcome: 'authenticated', user: { id: '1', name: 'Ada Lovelace' } }
          : { outcome: 'refused', detail: 'who is that?' },
      ),
  });
  const ada = world.connect('Ada', { token: 'key-of-ada' });
  const eve = world.connect('Eve');
  await world.settle();
  expect(ada.weft.connection.peek()).toEqual({ state: 'online', user: { id: '1', name: 'Ada Lovelace' } });
  expect(eve.weft.connection.peek()).toMatchObject({ state: 'refused', reason: 'unauthenticated' });
});

test('[TST1] an hour passes at once, and nobody loses their connection over it', async () => {
  const { world, ada } = await openNote();
  const states: string[] = [];
  ada.weft.connection.subscribe(() => states.push(ada.weft.connection.peek().state));
  const before = world.clock.now();
  await world.advance(3_600_000);
  expect(world.clock.now() - before).toBeGreaterThanOrEqual(3_600_000);
  expect(states).toEqual([]);
});

test('[TST1] nothing waits by the time of the process, or is left of a world', async () => {
  const [timeouts, intervals] = [vi.spyOn(globalThis, 'setTimeout'), vi.spyOn(globalThis, 'setInterval')];
  const cleared = vi.spyOn(globalThis, 'clearInterval');
  const { world, ada, ben, adas } = await openNote();
  const cid = world.connect('Cid');
  for (const { weft } of [ada, ben, cid]) weft.note('n1').text('body').ytext.insert(0, 'x'.repeat(10_000));
  // Long enough for the server to keep a version of a text that it would leave to a thread elsewhere.
  await world.advance(900_000);
  ben.goOffline();
  await ben.restart();
  cid.hold();
  void cid.weft.note('n1').change({ title: 'Never' });
  await adas.delete();
  await world[Symbol.asyncDispose]();
  expect(timeouts.mock.calls.filter(([, delay]) => delay !== 0)).toEqual([]);
  const ended = new Set<unknown>(cleared.mock.calls.map(([timer]) => timer));
  expect(intervals.mock.results.length).toBeGreaterThan(0);
  expect(intervals.mock.results.filter(({ value }) => !ended.has(value))).toEqual([]);
  expect(process.getActiveResourcesInfo()).not.toContain('MessagePort');
});

test('[TST2] a change shows as pending until the network lets it through', async () => {
  const { world, ben, adas, bens } = await openNote();
  ben.hold();
  const change = bens.change({ title: 'Ben’s plan' });
  await world.settle();
  expect(bens.fields.title).toBe('Ben’s plan');
  expect(bens.peek()).toMatchObject({ pending: ['title'] });
  expect(adas.fields.title).toBe('Plan');
  ben.release();
  expect(await change).toMatchObject({ outcome: 'accepted' });
  await world.settle();
  expect(adas.fields.title).toBe('Ben’s plan');
});

test('[TST2] two who change one field at once are in conflict, and a decision ends it', async () => {
  const { world, adas, bens } = await openNote();
  const [first, second] = await Promise.all([
    adas.change({ title: 'Ada’s' }),
    bens.change({ title: 'Ben’s' }),
  ]);
  expect(first.outcome).toBe('accepted');
  expect(second).toMatchObject({
    outcome: 'conflict',
    conflict: { fields: [{ field: 'title', was: 'Plan', is: 'Ada’s', want: 'Ben’s', by: { name: 'Ada' } }] },
  });
  await bens.conflicts[0]?.resolve('mine');
  await world.settle();
  expect([adas.fields.title, bens.fields.title]).toEqual(['Ben’s', 'Ben’s']);
  expect(bens.conflicts).toEqual([]);
});

test('[TST2] what two did while one of them was offline comes together', async () => {
  const { world, ben, adas, bens } = await openNote();
  const [body, same] = [adas.text('body'), bens.text('body')];
  await world.settle();
  ben.goOffline();
  expect(ben.weft.connection.peek().state).toBe('offline');
  body.ytext.insert(0, 'Milk.');
  same.ytext.insert(0, 'Bread.');
  const queued = await bens.change({ remark: 'from afar' });
  await world.settle();
  expect(queued.outcome).toBe('queued');
  expect([body.ytext.toJSON(), same.ytext.toJSON()]).toEqual(['Milk.', 'Bread.']);
  ben.goOnline();
  await world.settle();
  expect(adas.fields.remark).toBe('from afar');
  expect(body.ytext.toJSON()).toMatch(/^(Milk[.]Bread[.]|Bread[.]Milk[.])$/);
  expect(same.ytext.toJSON()).toBe(body.ytext.toJSON());
});

test('[TST2] a moment without a network loses nothing that was typed in it', async () => {
  const { world, ben, adas, bens } = await openNote();
  const [body, same] = [adas.text('body'), bens.text('body')];
  await world.settle();
  for (const word of ['one ', 'two ', 'three ']) {
    ben.goOffline();
    same.ytext.insert(0, word);
    ben.goOnline();
    await world.settle();
    expect(same.peek()).toMatchObject({ status: 'synced', saveState: { status: 'saved' } });
  }
  expect(body.ytext.toJSON()).toBe('three two one ');
});

test('[TST2] a command whose answer is lost is carried out once', async () => {
  let isCut = false;
  const { world, ben, bens } = await openNote({
    onFrame: ({ person, direction, data }) => {
      const isAnswer = person === 'Ben' && direction === 'received' && String(data).includes('"outcome"');
      if (!isAnswer || isCut) return;
      isCut = true;
      ben.goOffline();
    },
  });
  const change = await bens.run('close', { tag: 'once' });
  expect(isCut).toBe(true);
  expect(change.outcome).toBe('queued');
  ben.goOnline();
  await world.settle();
  expect(bens.fields.tags).toEqual(['once']);
  expect(bens.peek()).toMatchObject({ pending: [] });
});

test('[TST2] whoever is offline gets through by no attempt, until the network is back', async () => {
  const { world, ben } = await openNote();
  ben.goOffline();
  await world.advance(120_000);
  expect(ben.weft.connection.peek().state).toBe('offline');
  ben.goOnline();
  await world.settle();
  expect(ben.weft.connection.peek().state).toBe('online');
});

test('[TST2] what a page asked for is done after its reload', async () => {
  const { world, ben, adas, bens } = await openNote();
  ben.goOffline();
  await bens.change({ title: 'Ben’s plan' });
  await world.settle();
  const weft = await ben.restart();
  await world.settle();
  expect(weft.note('n1').fields.title).toBe('Ben’s plan');
  ben.goOnline();
  await world.settle();
  expect(adas.fields.title).toBe('Ben’s plan');
});

test('[TST2] pages of one device share its network', async () => {
  const { world, ben } = await openNote();
  const tab = ben.openTab();
  await world.settle();
  ben.goOffline();
  expect([ben, tab].map(({ weft }) => weft.connection.peek().state)).toEqual(['offline', 'offline']);
  tab.goOnline();
  await world.settle();
  expect([ben, tab].map(({ weft }) => weft.connection.peek().state)).toEqual(['online', 'online']);
});

test('[TST3] settling waits for what the application takes its time for', async () => {
  const answer = Promise.withResolvers<undefined>();
  await using world = createTestWorld({
    aggregates: [note],
    authenticate: async () => {
      await answer.promise;
      return { outcome: 'authenticated', user: { id: '1', name: 'Ada' } };
    },
  });
  const ada = world.connect('Ada');
  let isSettled = false;
  const settled = world.settle().then(() => (isSettled = true));
  for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve));
  expect(isSettled).toBe(false);
  answer.resolve(undefined);
  await settled;
  expect(ada.weft.connection.peek().state).toBe('online');
});

test('[TST3] a report that nobody expects fails the world, once', async () => {
  const { world, adas } = await openNote();
  const stop = adas.subscribe(() => {
    stop();
    throw new Error('a listener has a fault');
  });
  await adas.change({ remark: 'one' });
  await expect(world.settle()).rejects.toThrow('Ada reports listener-failed: a listener');
  await world.settle();
});

test('[TST3] a report that the test asks for goes there', async () => {
  await using world = createTestWorld({ aggregates: [note] });
  const kinds: string[] = [];
  const token = () => Promise.reject(new Error('there is none'));
  world.connect('Ada', { token, onReport: ({ kind }) => kinds.push(kind) });
  await world.settle();
  expect(kinds).toContain('connect-failed');
});

test('[TST3] an error of the server fails the world', async () => {
  await using world = createTestWorld({
    aggregates: [note],
    authenticate: () => Promise.reject(new Error('the directory is down')),
  });
  world.connect('Ada');
  await expect(world.settle()).rejects.toThrow('a session failed: the directory is down');
});

test('[DEF2] the page about testing shows a test that runs', async () => {
  const page = new URL('../../../docs/how-to/test-your-application.md', import.meta.url);
  const shown = await readFile(new URL('howTo.test.ts', import.meta.url), 'utf8');
  expect(await readFile(page, 'utf8')).toContain(`\`\`\`ts\n${shown}\`\`\``);
});
