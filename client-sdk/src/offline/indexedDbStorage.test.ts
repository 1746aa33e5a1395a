import 'fake-indexeddb/auto';
import { forceCloseDatabase } from 'fake-indexeddb';
import { randomUUID } from 'node:crypto';
import { expect, onTestFinished, test, vi } from 'vitest';
import {
  createCommand,
  createConflict,
  createOutcome,
  everyState,
  list,
} from '../../../test/contract/client-storage/storedRecords.ts';
import { collect, createTestDevice } from '../../../test/contract/client-storage/testDevice.ts';
import { until } from '../../../test/support/until.ts';
import { SCHEMA_VERSION } from './databaseSchema.ts';
import { indexedDbStorage } from './indexedDbStorage.ts';

const n1 = { aggregate: 'note', id: 'n1' };

function createDevice() {
  const name = randomUUID();
  return { address: `weft:${name}`, ...createTestDevice(indexedDbStorage({ name })) };
}

function toPromise<Value>(request: IDBRequest<Value>): Promise<Value> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error!);
  });
}

async function openRaw(name: string, version?: number): Promise<IDBDatabase> {
  const db = await toPromise(indexedDB.open(name, version));
  onTestFinished(() => db.close());
  return db;
}

async function putRaw(name: string, table: string, records: readonly object[]): Promise<void> {
  const db = await openRaw(name);
  const store = db.transaction(table, 'readwrite').objectStore(table);
  await Promise.all(records.map((record) => toPromise(store.put(record))));
  db.close();
}

async function readRaw(name: string, table: string): Promise<unknown[]> {
  const db = await openRaw(name);
  const records: unknown[] = await toPromise(db.transaction(table).objectStore(table).getAll());
  db.close();
  return records;
}

function quotaError(): DOMException {
  return new DOMException('no room', 'QuotaExceededError');
}

test('any number of commands that are written at once are one transaction', async () => {
  const page = await createDevice().open('tab-a');
  const transaction = vi.spyOn(IDBDatabase.prototype, 'transaction');
  for (let order = 0; order < 10_000; order++) {
    page.write({ type: 'put-command', command: createCommand(order) });
  }
  await page.flush();
  expect(transaction.mock.calls.filter(([, mode]) => mode === 'readwrite')).toHaveLength(1);
  expect(await collect(page.readCommands())).toHaveLength(10_000);
});

test('what is written during a transaction is the next one, without what has been overwritten by then', async () => {
  const page = await createDevice().open('tab-a');
  const begin = IDBDatabase.prototype.transaction;
  const meanwhile = Promise.withResolvers<undefined>();
  const writeMore = async () => {
    for (let order = 2; order <= 20; order++) {
      page.write({ type: 'put-outcome', outcome: createOutcome(order) });
      page.write({ type: 'put-command', command: createCommand(order) });
      page.write({ type: 'remove-outcome', key: `key-${order}` });
      await Promise.resolve();
    }
    meanwhile.resolve(undefined);
  };
  const transaction = vi.spyOn(IDBDatabase.prototype, 'transaction').mockImplementationOnce(function (
    this: IDBDatabase,
    ...given
  ) {
    void writeMore();
    return begin.apply(this, given);
  });
  const put = vi.spyOn(IDBObjectStore.prototype, 'put');
  page.write({ type: 'put-command', command: createCommand(1) });
  await meanwhile.promise;
  await page.flush();
  expect(transaction).toHaveBeenCalledTimes(2);
  expect(put).toHaveBeenCalledTimes(20);
  expect(await collect(page.readCommands())).toHaveLength(20);
  expect(await page.readOutcomes()).toEqual([]);
});

test('a page is given no more than a hundred records at once, and misses nothing that is written between', async () => {
  const { open } = createDevice();
  const gone = await open('gone');
  const commands = Array.from({ length: 250 }, (_, order) => createCommand(order, { tab: 'gone' }));
  for (const command of commands) gone.write({ type: 'put-command', command });
  await gone.close();
  const page = await open('tab-a');
  const pieces: number[] = [];
  const getAll = IDBIndex.prototype.getAll;
  vi.spyOn(IDBIndex.prototype, 'getAll').mockImplementation(function (this: IDBIndex, ...given) {
    const request = getAll.apply(this, given);
    request.addEventListener('success', () => {
      pieces.push(request.result.length);
      // While the first piece of commands is read, and while it is adopted.
      const removed = { 1: 'key-0', 5: 'key-1' }[pieces.length];
      if (removed) page.write({ type: 'remove-command', key: removed });
    });
    return request;
  });
  expect((await page.readAggregate(n1)).commands).toEqual(commands.slice(1));
  expect(await page.adopt('gone')).toEqual(
    commands.slice(2).map((command) => ({ ...command, tab: 'tab-a' })),
  );
  expect(pieces.length).toBeGreaterThan(5);
  expect(Math.max(...pieces)).toBe(100);
});

test('aggregates that are read in one moment are one transaction, which what is written then does not hold up', async () => {
  const page = await createDevice().open('tab-a');
  const transaction = vi.spyOn(IDBDatabase.prototype, 'transaction');
  const reads = [1, 2, 3].map((number) => {
    const id = `n${number}`;
    const read = page.readAggregate({ aggregate: 'note', id });
    page.write({ type: 'put-command', command: createCommand(number, { id }) });
    return read;
  });
  const commands = (await Promise.all(reads)).map((read) => read.commands);
  expect(commands).toEqual([1, 2, 3].map((number) => [createCommand(number, { id: `n${number}` })]));
  await page.flush();
  expect(transaction.mock.calls.map(([, mode]) => mode ?? 'readonly')).toEqual(['readonly', 'readwrite']);
});

test('[OFF2] what the server does not have is written strictly, what it has is not', async () => {
  const page = await createDevice().open('tab-a');
  const transaction = vi.spyOn(IDBDatabase.prototype, 'transaction');
  const durabilityOf = async (...changes: Parameters<typeof page.write>) => {
    page.write(...changes);
    await page.flush();
    return transaction.mock.lastCall?.[2]?.durability;
  };
  const state = { type: 'put-state', state: { ...n1, state: everyState[0]! } } as const;
  expect(await durabilityOf(state, { type: 'put-list', list })).toBe('relaxed');
  expect(await durabilityOf(state, { type: 'put-command', command: createCommand(1) })).toBe('strict');
  // A command that is sent again is answered alike.
  expect(await durabilityOf(state, { type: 'remove-command', key: 'key-1' })).toBe('relaxed');
  expect(await durabilityOf({ type: 'put-conflict', conflict: createConflict(1) })).toBe('strict');
  expect(await durabilityOf({ type: 'put-outcome', outcome: createOutcome(1) })).toBe('strict');
  expect(await durabilityOf({ type: 'mark-text', text: { ...n1, field: 'body', isUnsaved: true } })).toBe(
    'strict',
  );
});

test('[OFF8] a storage that is full keeps the rest in memory, and what it has can be read', async () => {
  const { open } = createDevice();
  const page = await open('tab-a');
  page.write(
    { type: 'put-command', command: createCommand(1) },
    { type: 'put-command', command: createCommand(2) },
  );
  await page.flush();
  const heard = vi.fn();
  page.condition.subscribe(heard);
  const put = vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(() => {
    throw quotaError();
  });
  page.write({ type: 'remove-command', key: 'key-2' }, { type: 'put-command', command: createCommand(3) });
  page.write({ type: 'put-state', state: { ...n1, state: everyState[0]! } });
  await page.flush();
  put.mockRestore();
  page.write({ type: 'put-command', command: createCommand(4) });
  page.write({ type: 'put-conflict', conflict: createConflict(1) }, { type: 'put-list', list });
  await page.flush();

  expect(page.condition.peek()).toEqual({
    kind: 'memory',
    reason: 'full',
    detail: expect.stringContaining('no room'),
  });
  expect(heard).toHaveBeenCalledTimes(1);
  expect(page.reports).toEqual([
    { kind: 'storage-failed', detail: expect.any(String), error: expect.any(DOMException) },
  ]);
  const commands = [createCommand(1), createCommand(3), createCommand(4)];
  expect(await collect(page.readCommands())).toEqual(commands);
  expect(await page.readAggregate(n1)).toEqual({
    state: everyState[0],
    commands,
    conflicts: [createConflict(1)],
  });
  expect(await page.readList('note')).toEqual(list);
  await page.close();
  // All or nothing: the removal was of the same batch.
  expect(await collect((await open('tab-b')).readCommands())).toEqual([createCommand(1), createCommand(2)]);
});

test('[OFF8] a transaction that is aborted for want of room is as good as a request that fails', async () => {
  const page = await createDevice().open('tab-a');
  const commit = vi.spyOn(IDBTransaction.prototype, 'commit').mockImplementation(function (
    this: IDBTransaction,
  ) {
    Object.defineProperty(this, 'error', { get: quotaError });
    this.abort();
  });
  page.write({ type: 'put-command', command: createCommand(1) });
  await page.flush();
  commit.mockRestore();
  expect(page.condition.peek()).toMatchObject({ kind: 'memory', reason: 'full' });
  expect(await collect(page.readCommands())).toEqual([createCommand(1)]);
});

test('[OFF8] a newer record stands, also where an older one of its key could not be written', async () => {
  const page = await createDevice().open('tab-a');
  page.write({ type: 'put-list', list });
  await page.flush();
  const put = vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementationOnce(() => {
    throw quotaError();
  });
  page.write({ type: 'put-list', list: { ...list, items: [] } });
  await Promise.resolve();
  page.write({ type: 'put-list', list: { ...list, items: list.items.slice(1) } });
  await page.flush();
  put.mockRestore();
  expect(await page.readList('note')).toEqual({ ...list, items: list.items.slice(1) });
});

test('[OFF5] the commands of a page that is gone are adopted also where the storage is full', async () => {
  const { open } = createDevice();
  const gone = await open('gone');
  gone.write({ type: 'put-command', command: createCommand(1, { tab: 'gone' }) });
  await gone.close();
  const page = await open('tab-a');
  vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(() => {
    throw quotaError();
  });
  const expected = [createCommand(1, { tab: 'tab-a' })];
  expect(await page.adopt('gone')).toEqual(expected);
  expect(page.condition.peek()).toMatchObject({ reason: 'full' });
  expect(await collect(page.readCommands())).toEqual(expected);
  expect(await page.adopt('gone')).toEqual([]);
});

test.each([
  ['there is no IndexedDB', 0, () => vi.stubGlobal('indexedDB', undefined)],
  [
    'it refuses',
    0,
    () =>
      vi.spyOn(indexedDB, 'open').mockImplementation(() => {
        throw new DOMException('not here', 'SecurityError');
      }),
  ],
  [
    'it is broken beyond a spare one',
    1,
    () =>
      vi.spyOn(indexedDB, 'open').mockImplementation(() => {
        throw new DOMException('broken', 'UnknownError');
      }),
  ],
])('[OFF8] where %s the client works in memory, and says so', async (_, reports, breakIt) => {
  breakIt();
  onTestFinished(() => void vi.unstubAllGlobals());
  const page = await createDevice().open('tab-a');
  expect(page.condition.peek()).toMatchObject({
    kind: 'memory',
    reason: 'unavailable',
    detail: expect.stringMatching(
      /^the browser keeps nothing for this page, as in a private window: \w+Error/,
    ),
  });
  // What a browser does by design is nothing to report.
  expect(page.reports.map(({ kind }) => kind)).toEqual(Array(reports).fill('storage-failed'));
  await page.claim('ada');
  page.write(
    { type: 'put-command', command: createCommand(1) },
    { type: 'put-command', command: createCommand(2) },
  );
  page.write({ type: 'remove-command', key: 'key-1' });
  await page.flush();
  expect(page.owner).toBe('ada');
  expect(await collect(page.readCommands())).toEqual([createCommand(2)]);
  expect(await page.adopt('tab-b')).toEqual([]);
});

test('[OFF8] the storage of a newer version is left alone', async () => {
  const { address, open } = createDevice();
  (await openRaw(address, SCHEMA_VERSION + 1)).close();
  const page = await open('tab-a');
  expect(page.condition.peek()).toMatchObject({ kind: 'memory', reason: 'newer' });
  page.write({ type: 'put-command', command: createCommand(1) });
  expect(await collect(page.readCommands())).toEqual([createCommand(1)]);
});

test('[OFF8] an open page makes room for a newer version, and goes on in memory with what it had', async () => {
  const { address, open } = createDevice();
  const page = await open('tab-a');
  page.write(
    { type: 'put-command', command: createCommand(1) },
    { type: 'put-conflict', conflict: createConflict(1) },
    { type: 'put-outcome', outcome: createOutcome(1) },
    { type: 'mark-text', text: { ...n1, field: 'body', isUnsaved: true } },
  );
  await page.flush();
  page.write({ type: 'put-command', command: createCommand(2) });
  const newer = await openRaw(address, SCHEMA_VERSION + 1);
  expect(page.condition.peek()).toMatchObject({ kind: 'memory', reason: 'newer' });
  expect(page.reports).toMatchObject([{ kind: 'storage-failed' }]);
  page.write({ type: 'remove-command', key: 'key-1' }, { type: 'put-command', command: createCommand(3) });
  expect(await collect(page.readCommands())).toEqual([createCommand(2), createCommand(3)]);
  expect(await collect(page.readConflicts())).toEqual([createConflict(1)]);
  expect(await page.readOutcomes()).toEqual([createOutcome(1)]);
  expect(await page.readUnsavedTexts()).toEqual([{ ...n1, field: 'body' }]);
  const onDevice = await toPromise(newer.transaction('commands').objectStore('commands').getAllKeys());
  expect(onDevice).toEqual(['key-1', 'key-2']);
});

test('[OFF8] a database that the browser closes is done without', async () => {
  const { open } = createDevice();
  const opened = vi.spyOn(indexedDB, 'open');
  const page = await open('tab-a');
  const request = opened.mock.results[0]!.value as IDBOpenDBRequest;
  page.write({ type: 'put-command', command: createCommand(1) });
  await page.flush();
  forceCloseDatabase(request.result as unknown as Parameters<typeof forceCloseDatabase>[0]);
  page.write({ type: 'put-command', command: createCommand(2) });
  await page.flush();
  expect(page.condition.peek()).toMatchObject({ kind: 'memory', reason: 'unavailable' });
  expect((await collect(page.readCommands())).at(-1)).toEqual(createCommand(2));
});

test('[OFF8] records that make no sense are set aside and reported, and everything else goes on', async () => {
  const { address, open } = createDevice();
  const first = await open('tab-a');
  first.write(
    { type: 'put-command', command: createCommand(5) },
    { type: 'put-conflict', conflict: createConflict(5) },
    { type: 'put-outcome', outcome: createOutcome(5) },
    { type: 'mark-text', text: { ...n1, field: 'body', isUnsaved: true } },
  );
  await first.close();
  const bad: readonly (readonly [string, object])[] = [
    ['commands', { ...createCommand(1), command: { kind: 'explode' } }],
    ['commands', { ...createCommand(2), values: 'none' }],
    ['commands', { ...createCommand(3), tab: undefined }],
    ['commands', { ...createCommand(4), order: 'first' }],
    ['commands', { ...createCommand(6), order: Number.NaN }],
    ['commands', { key: 7 }],
    ['conflicts', { ...createConflict(1), write: { ...createConflict(1).write, fields: [{}] } }],
    ['conflicts', { ...createConflict(2), write: null }],
    ['conflicts', { conflict: 'conflict-3' }],
    ['outcomes', { ...createOutcome(1), outcome: { outcome: 'splendid' } }],
    ['outcomes', { ...createOutcome(2), order: null }],
    ['states', { aggregate: 'note', id: 'n1', state: { status: 'unchanged', token: 'a' } }],
    ['lists', { aggregate: 'note', items: [{ id: 'n1' }] }],
    ['texts', { aggregate: 'note', id: 'n1', field: 5 }],
    ['owner', { of: 'storage', userId: 5 }],
  ];
  for (const [table, record] of bad) await putRaw(address, table, [record]);

  const page = await open('tab-b');
  expect(page.owner).toBeUndefined();
  expect(await page.readAggregate(n1)).toEqual({
    state: undefined,
    commands: [createCommand(5)],
    conflicts: [createConflict(5)],
  });
  expect(await collect(page.readCommands())).toEqual([createCommand(5)]);
  expect(await collect(page.readConflicts())).toEqual([createConflict(5)]);
  expect(await page.readOutcomes()).toEqual([createOutcome(5)]);
  expect(await page.readUnsavedTexts()).toEqual([{ ...n1, field: 'body' }]);
  expect(await page.readList('note')).toBeUndefined();
  expect(page.condition.peek()).toEqual({ kind: 'durable' });
  expect(new Set(page.reports.map(({ kind }) => kind))).toEqual(new Set(['storage-failed']));
  await page.close();

  const aside = (await readRaw(address, 'set-aside')) as { table: string; record: object }[];
  expect(aside).toHaveLength(bad.length);
  expect(aside.map(({ table, record }) => [table, record])).toEqual(expect.arrayContaining([...bad]));
  const later = await open('tab-c');
  await collect(later.readCommands());
  await later.readAggregate(n1);
  expect(later.reports).toEqual([]);
});

test('[OFF8] the newest hundred of what was set aside are kept', async () => {
  const { address, open } = createDevice();
  await (await open('tab-a')).close();
  await putRaw(
    address,
    'commands',
    Array.from({ length: 1100 }, (_, order) => ({ ...createCommand(order), command: null })),
  );
  const page = await open('tab-b');
  page.write({ type: 'put-command', command: createCommand(5000) });
  expect(await collect(page.readCommands())).toEqual([createCommand(5000)]);
  await page.close();
  expect(await readRaw(address, 'set-aside')).toHaveLength(100);
  expect(await readRaw(address, 'commands')).toHaveLength(1);
});

test('[OFF8] one record that the device cannot read keeps no other one from being read', async () => {
  const page = await createDevice().open('tab-a');
  for (let order = 1; order <= 3; order++) page.write({ type: 'put-command', command: createCommand(order) });
  await page.flush();
  const unreadable = () => {
    throw new DOMException('Failed to read large IndexedDB value', 'DataError');
  };
  vi.spyOn(IDBIndex.prototype, 'getAll').mockImplementation(unreadable);
  const get = IDBObjectStore.prototype.get;
  vi.spyOn(IDBObjectStore.prototype, 'get').mockImplementation(function (this: IDBObjectStore, key) {
    return key === 'key-2' ? unreadable() : get.call(this, key);
  });
  expect(await collect(page.readCommands())).toEqual([createCommand(1), createCommand(3)]);
  expect((await page.readAggregate(n1)).commands).toEqual([createCommand(1), createCommand(3)]);
  expect(page.reports[0]).toMatchObject({ kind: 'storage-failed', error: expect.any(DOMException) });
});

test.each([
  ['cannot be opened', true],
  ['has not the tables that it should have', false],
])(
  '[OFF8] a database that %s is left as it is, and another one takes its place, now and later',
  async (_, isClosed) => {
    const { address, open } = createDevice();
    if (isClosed) {
      const openDatabase = indexedDB.open.bind(indexedDB);
      vi.spyOn(indexedDB, 'open').mockImplementation((name, version) => {
        if (name === address) throw new DOMException('Internal error', 'UnknownError');
        return openDatabase(name, version);
      });
    } else {
      (await openRaw(address, SCHEMA_VERSION)).close();
    }
    const first = await open('tab-a');
    expect(first.condition.peek()).toEqual({ kind: 'durable' });
    expect(first.reports).toMatchObject([
      { kind: 'storage-failed', detail: expect.stringContaining(address) },
    ]);
    first.write({ type: 'put-command', command: createCommand(1) });
    await first.close();
    vi.restoreAllMocks();
    const second = await open('tab-b');
    expect(await collect(second.readCommands())).toEqual([createCommand(1)]);
    expect(second.reports).toEqual([]);
  },
);

test('[OFF5] where pages cannot be watched every other one counts as gone', async () => {
  vi.stubGlobal('navigator', {});
  vi.stubGlobal('BroadcastChannel', undefined);
  onTestFinished(() => void vi.unstubAllGlobals());
  const { open } = createDevice();
  const [a, b] = [await open('tab-a'), await open('tab-b')];
  const gone: string[] = [];
  const stop = b.tabs.whenGone('tab-a', () => gone.push('stopped'));
  stop();
  b.tabs.whenGone('tab-a', () => gone.push('tab-a'));
  a.tabs.post({ type: 'asked', command: createCommand(1) });
  a.tabs.listen(() => gone.push('never'))();
  await until(() => gone.length > 0, { describe: 'the other page' });
  expect(gone).toEqual(['tab-a']);
  expect(a.reports).toEqual([]);
});

test('[OFF5] locks that are refused are done without', async () => {
  vi.stubGlobal('navigator', {
    locks: { request: () => Promise.reject(new DOMException('no', 'SecurityError')) },
  });
  onTestFinished(() => void vi.unstubAllGlobals());
  const page = await createDevice().open('tab-a');
  const gone = vi.fn();
  page.tabs.whenGone('tab-b', gone);
  await until(() => gone.mock.calls.length === 1, { describe: 'the other page' });
});

test('[OFF5] a page holds its lock until it is closed, and none after it', async () => {
  const { address, open } = createDevice();
  const listLocks = async () => {
    const { held, pending } = await navigator.locks.query();
    const toNames = (locks: LockInfo[] = []) =>
      locks.map(({ name }) => name).filter((name) => name?.startsWith(address));
    return { held: toNames(held).sort(), pending: toNames(pending) };
  };
  const [a, b] = [await open('tab-a'), await open('tab-b')];
  expect(await listLocks()).toEqual({ held: [`${address}:tab-a`, `${address}:tab-b`], pending: [] });
  a.tabs.whenGone('tab-b', () => undefined);
  b.tabs.whenGone('tab-a', () => undefined)();
  await a.close();
  await until(async () => (await listLocks()).held.length === 1, {
    describe: 'the lock of the other page alone',
  });
  await b.close();
  await until(async () => Object.values(await listLocks()).flat().length === 0, { describe: 'no lock' });
});
