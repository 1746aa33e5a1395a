import 'fake-indexeddb/auto';
import { randomUUID } from 'node:crypto';
import { expect, onTestFinished, test, vi } from 'vitest';
import { createCommand } from '../../../test/contract/client-storage/storedRecords.ts';
import { deleteIndexedDbStorage } from './deleteIndexedDbStorage.ts';
import { indexedDbStorage } from './indexedDbStorage.ts';

async function open(name: string) {
  const storage = await indexedDbStorage({ name }).open({ tab: randomUUID(), report: () => undefined });
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

test('[OFF8] a page that still uses it goes on in memory', async () => {
  const name = randomUUID();
  const page = await keepCommand(name);
  await deleteIndexedDbStorage({ name });
  await vi.waitFor(() => expect(page.condition.peek().kind).toBe('memory'));
  expect((await page.readAggregate({ aggregate: 'note', id: 'n1' })).commands).toHaveLength(1);
});
