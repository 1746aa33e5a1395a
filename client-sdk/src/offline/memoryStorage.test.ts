import { expect, test } from 'vitest';
import * as Y from 'yjs';
import { createCommand } from '../../../test/contract/client-storage/storedRecords.ts';
import { collect, createTestDevice } from '../../../test/contract/client-storage/testDevice.ts';
import { until } from '../../../test/support/until.ts';
import { memoryStorage } from './memoryStorage.ts';

test('[OFF5] the others hear of a page that crashed, and nothing that it does since is kept or heard', async () => {
  const storage = memoryStorage();
  const device = createTestDevice(storage);
  const [a, b] = [await device.open('tab-a'), await device.open('tab-b')];
  const target = { aggregate: 'note', id: 'n1', field: 'body' };
  const doc = new Y.Doc();
  const copy = a.texts.open(target, doc);
  doc.getText('text').insert(0, 'kept');
  a.write({ type: 'put-command', command: createCommand(1) });
  const events: string[] = [];
  b.tabs.whenGone('tab-a', () => events.push('gone'));
  b.tabs.listen(({ type }) => events.push(type));
  a.tabs.whenGone('tab-b', () => events.push('told a page that is gone'));
  storage.crash('tab-a');
  a.tabs.post({ type: 'asked', command: createCommand(2) });
  a.write({ type: 'put-command', command: createCommand(2) });
  void a.claim('ada');
  doc.getText('text').insert(0, 'not ');
  copy.keepEpoch('epoch-1');
  await copy.erase();
  await until(() => events.length > 0, { describe: 'the end of the page' });
  expect(await a.adopt('tab-b')).toEqual([]);
  expect(await b.adopt('tab-a')).toEqual([createCommand(1, { tab: 'tab-b' })]);
  expect(await collect(b.readCommands())).toEqual([createCommand(1, { tab: 'tab-b' })]);
  const again = new Y.Doc();
  expect(await b.texts.open(target, again).whenLoaded).toEqual({ epoch: undefined, isEmpty: false });
  expect(again.getText('text').toJSON()).toBe('kept');
  await a.close();
  storage.crash();
  await device.open('tab-c');
  expect(events).toEqual(['gone']);
});

test('two storages know nothing of each other', async () => {
  const [a, b] = [
    await createTestDevice(memoryStorage()).open('a'),
    await createTestDevice(memoryStorage()).open('b'),
  ];
  a.write({ type: 'put-command', command: createCommand(1) });
  expect(await collect(b.readCommands())).toEqual([]);
});
