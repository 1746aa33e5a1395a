import 'fake-indexeddb/auto';
import { randomUUID } from 'node:crypto';
import { expect, onTestFinished, test, vi } from 'vitest';
import type { Report } from '../lifecycle/clientReport.ts';
import * as Y from 'yjs';
import { createCommand } from '../../../test/contract/client-storage/storedRecords.ts';
import { deleteIndexedDbStorage } from './deleteIndexedDbStorage.ts';
import { indexedDbStorage } from './indexedDbStorage.ts';

async function open(name: string, report: Report = () => undefined) {
  const storage = await indexedDbStorage({ name }).open({ tab: randomUUID(), report });
  onTestFinished(() => storage.close());
  return storage;
}

async function keepCommand(name: string) {
  const storage = await open(name);
  storage.write({ type: 'put-command', command: createCommand(1) });
  await storage.flush();
  return storage;
}

async function countCommands(name: string): Promise<number> {
  const storage = await open(name);
  return (await storage.readAggregate({ aggregate: 'note', id: 'n1' })).commands.length;
}

test('[OFF8] a storage that is deleted has nothing any more, and no other one is touched', async () => {
  const [name, other] = [randomUUID(), randomUUID()];
  const longer = `${name}-2`;
  for (const kept of [name, other, longer]) await (await keepCommand(kept)).close();
  await deleteIndexedDbStorage({ name });
  const left = (await indexedDB.databases()).map((database) => database.name);
  expect(left.filter((database) => database?.includes(name))).toEqual([`weft:${longer}`]);
  expect(await countCommands(name)).toBe(0);
  expect(await countCommands(other)).toBe(1);
});

test('[OFF8] a page that still uses it goes on in memory, and knows why', async () => {
  const name = randomUUID();
  const page = await keepCommand(name);
  await deleteIndexedDbStorage({ name });
  await vi.waitFor(() => expect(page.condition.peek()).toMatchObject({ kind: 'memory', reason: 'deleted' }));
  expect((await page.readAggregate({ aggregate: 'note', id: 'n1' })).commands).toHaveLength(1);
});

test('[OFF8] a page that goes on after a deletion reports nothing, and touches no storage of that name again', async () => {
  const name = randomUUID();
  const report = vi.fn();
  const page = await open(name, report);
  const text = page.texts.open({ aggregate: 'note', id: 'n1', field: 'body' }, new Y.Doc());
  await text.whenLoaded;
  await deleteIndexedDbStorage({ name });
  await vi.waitFor(() => expect(page.condition.peek()).toMatchObject({ reason: 'deleted' }));
  page.write({ type: 'put-command', command: createCommand(1) });
  await page.flush();
  expect(await countCommands(name)).toBe(0);
  expect(report).not.toHaveBeenCalled();
});

test.each([
  ['there is no IndexedDB', () => vi.stubGlobal('indexedDB', undefined)],
  [
    'the browser refuses it',
    () =>
      vi.spyOn(indexedDB, 'deleteDatabase').mockImplementation(() => {
        throw new DOMException('not here', 'SecurityError');
      }),
  ],
])('[OFF8] where %s there is nothing to delete', async (_, breakIt) => {
  breakIt();
  onTestFinished(() => {
    vi.unstubAllGlobals();
    vi.restoreAllMocks();
  });
  await expect(deleteIndexedDbStorage({ name: randomUUID() })).resolves.toBeUndefined();
});

test('[OFF8] a storage that cannot be deleted rejects', async () => {
  const refuse = vi.spyOn(indexedDB, 'deleteDatabase').mockImplementation(() => {
    throw new DOMException('broken', 'UnknownError');
  });
  onTestFinished(() => refuse.mockRestore());
  await expect(deleteIndexedDbStorage({ name: randomUUID() })).rejects.toThrow('broken');
});

test('[OFF8] a browser that does not tell its databases deletes the records all the same', async () => {
  const name = randomUUID();
  await (await keepCommand(name)).close();
  const databases = indexedDB.databases.bind(indexedDB);
  Object.defineProperty(indexedDB, 'databases', { value: undefined, configurable: true, writable: true });
  onTestFinished(() => {
    Object.defineProperty(indexedDB, 'databases', { value: databases, configurable: true, writable: true });
  });
  await deleteIndexedDbStorage({ name });
  expect(await countCommands(name)).toBe(0);
});
