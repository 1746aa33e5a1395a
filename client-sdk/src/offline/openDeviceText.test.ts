import 'fake-indexeddb/auto';
import { randomUUID } from 'node:crypto';
import { expect, onTestFinished, test, vi } from 'vitest';
import { IndexeddbPersistence } from 'y-indexeddb';
import * as Y from 'yjs';
import { createTestDevice, type TestPage } from '../../../test/contract/client-storage/testDevice.ts';
import { until } from '../../../test/support/until.ts';
import { indexedDbStorage } from './indexedDbStorage.ts';

const body = { aggregate: 'note', id: 'n1', field: 'body' };

function createDevice() {
  const name = randomUUID();
  return { textName: `weft:${name}/note/n1/body`, ...createTestDevice(indexedDbStorage({ name })) };
}

function openText(page: TestPage) {
  const doc = new Y.Doc();
  const copy = page.texts.open(body, doc);
  onTestFinished(() => copy.close());
  return { doc, copy, text: doc.getText('text') };
}

async function inUpdates<Value>(
  name: string,
  act: (store: IDBObjectStore) => IDBRequest<Value>,
): Promise<Value> {
  const request = indexedDB.open(name);
  await until(() => request.readyState === 'done', { describe: 'the database' });
  const db = request.result;
  const acted = act(db.transaction('updates', 'readwrite').objectStore('updates'));
  await until(() => acted.readyState === 'done', { describe: 'the request' });
  db.close();
  return acted.result;
}

const countUpdates = (name: string) => inUpdates(name, (store) => store.count());

test('[OFF6] the layout is y-indexeddb’s: it loads what was kept, and what it keeps is loaded', async () => {
  const { textName, open } = createDevice();
  const page = await open('tab-a');
  const first = openText(page);
  first.text.insert(0, 'ours');
  await first.copy.close();

  const doc = new Y.Doc();
  const stock = new IndexeddbPersistence(textName, doc);
  await stock.whenSynced;
  expect(doc.getText('text').toJSON()).toBe('ours');
  doc.getText('text').insert(4, ' and theirs');
  await stock.destroy();

  const second = openText(page);
  await second.copy.whenLoaded;
  expect(second.text.toJSON()).toBe('ours and theirs');
});

test('opening and closing a copy writes nothing, and edits of one moment are one update', async () => {
  const { textName, open } = createDevice();
  const page = await open('tab-a');
  const first = openText(page);
  await first.copy.whenLoaded;
  for (let index = 0; index < 50; index++) first.text.insert(0, 'a');
  await first.copy.close();
  for (let index = 0; index < 5; index++) {
    const again = openText(page);
    await again.copy.whenLoaded;
    await again.copy.close();
  }
  expect(await countUpdates(textName)).toBe(1);
});

test('[OFF6] an edit is wholly handed over in the task that made it, whatever is still being written', async () => {
  const { open } = createDevice();
  const first = openText(await open('tab-a'));
  await first.copy.whenLoaded;
  const commit = vi.spyOn(IDBTransaction.prototype, 'commit');
  for (let edits = 1; edits <= 3; edits++) {
    first.text.insert(0, 'a');
    first.text.insert(0, 'b');
    await Promise.resolve();
    expect(commit).toHaveBeenCalledTimes(edits);
  }
});

test('[OFF6] what is edited while the copy is being opened is handed over before the text is shown', async () => {
  const { textName, open } = createDevice();
  const page = await open('tab-a');
  const first = openText(page);
  first.text.insert(0, 'kept');
  await first.copy.close();
  const commit = vi.spyOn(IDBTransaction.prototype, 'commit');
  const again = openText(page);
  again.text.insert(0, 'early, ');
  let commits = 0;
  // One of the read, and one of the edit.
  again.doc.once('update', () => (commits = commit.mock.calls.length));
  expect(await again.copy.whenLoaded).toEqual({ epoch: undefined, isEmpty: false });
  expect(commits).toBe(2);
  await again.copy.flush();
  expect(await countUpdates(textName)).toBe(2);
});

test('[OFF6] a page that goes on with a text that another one has forgotten writes all that it has', async () => {
  const { open } = createDevice();
  const [a, b] = [openText(await open('tab-a')), openText(await open('tab-b'))];
  a.copy.keepEpoch('epoch-1');
  a.text.insert(0, 'one');
  await a.copy.flush();
  await b.copy.whenLoaded;
  await b.copy.erase();
  for (const word of [' two', ' three']) {
    a.text.insert(a.text.length, word);
    await a.copy.flush();
  }
  const later = openText(await open('tab-d'));
  expect(await later.copy.whenLoaded).toEqual({ epoch: 'epoch-1', isEmpty: false });
  expect(later.text.toJSON()).toBe('one two three');
});

test('the updates of a long life are put together', async () => {
  const { textName, open } = createDevice();
  const [a, b] = [openText(await open('tab-a')), openText(await open('tab-b'))];
  await Promise.all([a.copy.whenLoaded, b.copy.whenLoaded]);
  const transaction = vi.spyOn(IDBDatabase.prototype, 'transaction');
  for (let index = 0; index < 520; index++) {
    const writer = index % 3 === 0 ? b : a;
    writer.text.insert(writer.text.length, index % 3 === 0 ? 'b' : 'a');
    const begun = transaction.mock.calls.length;
    await until(() => transaction.mock.calls.length > begun || index === 0, { describe: 'the write' });
  }
  await Promise.all([a.copy.close(), b.copy.close()]);
  expect(await countUpdates(textName)).toBeLessThan(50);
  const third = openText(await open('tab-c'));
  await third.copy.whenLoaded;
  expect(third.text.toJSON().replaceAll('b', '')).toHaveLength(346);
  expect(third.text.toJSON().replaceAll('a', '')).toHaveLength(174);
}, 60_000);

test('[OFF8] a text of which the device takes no more is kept in memory, whole, with its epoch', async () => {
  const { open } = createDevice();
  const page = await open('tab-a');
  const first = openText(page);
  first.copy.keepEpoch('epoch-1');
  first.text.insert(0, 'on the device');
  await first.copy.whenLoaded;
  await until(async () => (await navigator.locks.query()).held!.length > 0, { describe: 'the page' });
  await openText(page).copy.close();
  const add = vi.spyOn(IDBObjectStore.prototype, 'add').mockImplementation(() => {
    throw new DOMException('no room', 'QuotaExceededError');
  });
  first.text.insert(13, ', and not');
  await until(() => page.condition.peek().kind === 'memory', { describe: 'the end of the device' });
  first.text.insert(22, ' any more');
  await first.copy.close();
  add.mockRestore();
  expect(page.condition.peek()).toMatchObject({ kind: 'memory', reason: 'full' });
  expect(page.reports).toMatchObject([{ kind: 'storage-failed' }]);
  const second = openText(page);
  expect(await second.copy.whenLoaded).toEqual({ epoch: 'epoch-1', isEmpty: false });
  expect(second.text.toJSON()).toBe('on the device, and not any more');
});

test('[OFF8] a text whose database is gone, or never was, is kept in memory', async () => {
  const { textName, open } = createDevice();
  const page = await open('tab-a');
  const first = openText(page);
  first.text.insert(0, 'one');
  await first.copy.whenLoaded;
  const deletion = indexedDB.deleteDatabase(textName);
  await until(() => deletion.readyState === 'done', { describe: 'the deletion' });
  first.text.insert(3, ' two');
  await first.copy.close();
  expect(page.condition.peek()).toMatchObject({ kind: 'memory', reason: 'unavailable' });

  vi.spyOn(indexedDB, 'open').mockImplementation(() => {
    throw new DOMException('not here', 'SecurityError');
  });
  const second = openText(page);
  expect(await second.copy.whenLoaded).toEqual({ epoch: undefined, isEmpty: false });
  second.text.insert(7, ' three');
  await second.copy.close();
  const third = openText(page);
  await third.copy.whenLoaded;
  expect(third.text.toJSON()).toBe('one two three');
  await third.copy.erase();
  const fourth = openText(page);
  expect(await fourth.copy.whenLoaded).toEqual({ epoch: undefined, isEmpty: true });
});

test('[OFF8] an update that makes no sense is set aside and reported, and the others are loaded', async () => {
  const { textName, open } = createDevice();
  const page = await open('tab-a');
  const first = openText(page);
  await first.copy.whenLoaded;
  await inUpdates(textName, (store) => store.add(new Uint8Array([9, 9, 9, 9, 9])));
  await inUpdates(textName, (store) => store.add('nonsense'));
  first.text.insert(0, 'sense');
  await first.copy.close();

  const second = openText(page);
  expect(await second.copy.whenLoaded).toEqual({ epoch: undefined, isEmpty: false });
  expect(second.text.toJSON()).toBe('sense');
  expect(page.reports).toHaveLength(2);
  expect(page.reports).toMatchObject([{ kind: 'storage-failed' }, { kind: 'storage-failed' }]);
  await second.copy.close();
  expect(await countUpdates(textName)).toBe(1);
  expect(page.condition.peek()).toEqual({ kind: 'durable' });
});
