import 'fake-indexeddb/auto';
import { randomUUID } from 'node:crypto';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { collect } from '../../test/contract/client-storage/testDevice.ts';
import { indexedDbStorage, memoryStorage } from './offline/index.ts';
import type { ClientStorage } from './storage/clientStorage.ts';
import type { StoredCommand } from './storage/storedRecords.ts';
import { createTestClient, say, type TestClientOptions } from './testSupport/createTestClient.ts';
import { ALICE, BOB } from './testSupport/fakeServer.ts';

type Page = Awaited<ReturnType<typeof openPage>>;

async function openPage(storage: ClientStorage, options: TestClientOptions = {}) {
  const client = createTestClient({ storage, ...options });
  const handle = client.weft.note('n1');
  await client.weft.whenKept();
  return { ...client, handle };
}

/** The storage says first whose it is. */
async function whenOnline({ weft }: Pick<Page, 'weft'>): Promise<void> {
  await vi.waitFor(() => expect(weft.connection.peek()).toMatchObject({ state: 'online' }), { interval: 1 });
}

async function openAlice(storage: ClientStorage) {
  const page = await openPage(storage);
  await page.server.accept();
  await whenOnline(page);
  page.server.say(say.state('t1'));
  return page;
}

/** Bob’s client on Alice’s storage; `ask` runs before the server says who he is. */
async function openBob(storage: ClientStorage, ask = async (_page: Page): Promise<unknown> => undefined) {
  const page = await openPage(storage);
  await ask(page);
  await page.server.accept({ user: BOB });
  await vi.waitFor(() =>
    expect(page.weft.connection.peek()).toMatchObject({ state: 'refused', reason: 'other-person' }),
  );
  return page;
}

async function readCommands(storage: ClientStorage): Promise<readonly StoredCommand[]> {
  const open = await storage.open({ tab: randomUUID(), report: () => undefined });
  const commands = await collect(open.readCommands());
  await open.close();
  return commands;
}

const titlesOf = (commands: readonly { readonly values: object }[]) => commands.map(({ values }) => values);
const endOfTurn = () => new Promise((next) => setImmediate(next));

describe.each([
  ['memory', () => memoryStorage()],
  ['IndexedDB', () => indexedDbStorage({ name: randomUUID() })],
])('a storage of somebody else, in %s', (_, createStorage) => {
  it('[CON10] takes nothing that is asked for after the refusal', async () => {
    const storage = createStorage();
    await (await openAlice(storage)).weft.close();
    const bob = await openBob(storage);
    expect(bob.weft.storage.peek()).toEqual({
      kind: 'memory',
      reason: 'other-person',
      detail: expect.stringContaining('alice'),
    });
    void bob.weft.note('n2').create({ title: 'Bob’s' });
    await bob.weft.whenKept();
    expect(bob.weft.note('n2').peek()).toMatchObject({ status: 'existing', fields: { title: 'Bob’s' } });
    expect(bob.weft.saveState.peek()).toEqual({
      status: 'blocked',
      pending: 1,
      reasons: ['connection-refused'],
    });
    expect(bob.reports).toEqual([]);
    await bob.weft.close();
    expect(await readCommands(storage)).toEqual([]);
  });

  it('[CON10] gives back what was asked for before the server said who this is, and nothing else', async () => {
    const storage = createStorage();
    const alice = await openAlice(storage);
    alice.server.lose();
    await alice.handle.change({ title: 'Alice’s' });
    await alice.weft.close();
    const bob = await openBob(storage, async ({ weft, handle }) => {
      void handle.change({ title: 'Bob’s' });
      await weft.whenKept();
      expect(titlesOf(await readCommands(storage))).toContainEqual({ title: 'Bob’s' });
    });
    await bob.weft.whenKept();
    expect(titlesOf(await readCommands(storage))).toEqual([{ title: 'Alice’s' }]);
    expect(bob.handle.peek()).toMatchObject({ fields: { title: 'Bob’s' } });
    await bob.weft.close();

    const next = await openPage(storage);
    await next.server.accept();
    const sent = await vi.waitFor(() => next.server.take('command'), { interval: 1 });
    expect(sent.command).toMatchObject({ patch: { title: 'Alice’s' } });
    next.server.say(say.state('t1'));
    next.server.say(say.accepted(sent.key, 't2', { title: 'Alice’s' }));
    await next.weft.whenSaved();
  });

  it('[CON10] is not gone on with by a page of its owner that has heard what somebody else asked for', async () => {
    const storage = createStorage();
    const alice = await openAlice(storage);
    const bob = await openBob(storage, async ({ weft, handle }) => {
      void handle.change({ title: 'Bob’s' });
      await weft.whenKept();
      await vi.waitFor(() => expect(alice.handle.peek()).toMatchObject({ fields: { title: 'Bob’s' } }));
    });
    await vi.waitFor(() => expect(alice.handle.peek()).toMatchObject({ fields: { title: 'Plan' } }));
    await bob.weft.close();
    await alice.weft.whenKept();
    await endOfTurn();
    expect(alice.server.all('command')).toEqual([]);
    expect(alice.weft.saveState.peek()).toEqual({ status: 'saved' });
  });

  it('[CON10] hears nothing more of that page, nor does the page hear of it', async () => {
    const storage = createStorage();
    const alice = await openAlice(storage);
    const bob = await openBob(storage);
    await bob.weft.whenKept();
    alice.server.lose();
    await alice.handle.change({ title: 'Alice’s' });
    void bob.handle.change({ status: 'done' });
    await Promise.all([alice.weft.whenKept(), bob.weft.whenKept()]);
    const third = await openPage(storage);
    await vi.waitFor(() => expect(third.handle.peek()).toMatchObject({ fields: { title: 'Alice’s' } }));
    expect(alice.handle.peek()).toMatchObject({ fields: { status: 'open' } });
    expect(bob.handle.peek()).toMatchObject({ fields: { title: 'Plan', status: 'done' } });
  });

  it('[OFF5] [CON10] leaves to its owner what that page had taken over', async () => {
    const storage = createStorage();
    const alice = await openAlice(storage);
    const second = await openPage(storage);
    alice.server.lose();
    await alice.handle.change({ title: 'Alice’s' });
    const bob = await openBob(storage, () => alice.weft.close());
    await second.server.accept();
    const sent = await vi.waitFor(() => second.server.take('command'), { interval: 1 });
    expect(sent.command).toMatchObject({ patch: { title: 'Alice’s' } });
    expect(bob.server.all('command')).toEqual([]);
  });

  it('[CON10] keeps what its owner asked for on this page before somebody else signed in', async () => {
    const storage = createStorage();
    const { weft, server, handle } = await openAlice(storage);
    server.lose();
    void handle.change({ title: 'Alice’s' });
    await weft.whenKept();
    weft.connection.reconnect();
    await server.accept({ attempt: 2, user: BOB });
    await vi.waitFor(() => expect(weft.storage.peek()).toMatchObject({ reason: 'other-person' }));
    void handle.change({ status: 'done' });
    await weft.whenKept();
    expect(titlesOf(await readCommands(storage))).toEqual([{ title: 'Alice’s' }]);

    // What Bob asked for is not sent as hers either.
    weft.connection.reconnect();
    await server.accept({ attempt: 3, user: ALICE });
    await vi.waitFor(() => expect(weft.connection.peek()).toMatchObject({ state: 'refused' }));
    expect(server.all('command')).toEqual([]);
  });

  it('[CON10] has its owner again, in memory, where nothing was asked for meanwhile', async () => {
    const storage = createStorage();
    const { weft, server, handle } = await openAlice(storage);
    server.lose();
    void handle.change({ title: 'Alice’s' });
    weft.connection.reconnect();
    await server.accept({ attempt: 2, user: BOB });
    await vi.waitFor(() => expect(weft.connection.peek()).toMatchObject({ state: 'refused' }));
    weft.connection.reconnect();
    await server.accept({ attempt: 3, user: ALICE });
    const sent = await vi.waitFor(() => server.take('command'), { interval: 1 });
    expect(sent.command).toMatchObject({ patch: { title: 'Alice’s' } });
    expect(weft.storage.peek()).toMatchObject({ kind: 'memory', reason: 'other-person' });
  });
});

it('[CON10] a storage that cannot take something back says so', async () => {
  const storage = indexedDbStorage({ name: randomUUID() });
  await (await openAlice(storage)).weft.close();
  const bob = await openBob(storage, async ({ weft }) => {
    void weft.note('n2').create({ title: 'Bob’s' });
    await weft.whenKept();
    const refuse = vi.spyOn(IDBObjectStore.prototype, 'delete').mockImplementation(() => {
      throw new DOMException('broken', 'UnknownError');
    });
    onTestFinished(() => refuse.mockRestore());
  });
  await vi.waitFor(() => expect(bob.reports).toMatchObject([{ kind: 'storage-failed' }]));
});
