import 'fake-indexeddb/auto';
import { randomUUID } from 'node:crypto';
import { describe, expect, test, vi } from 'vitest';
import * as Y from 'yjs';
import { createCommand } from '../../../test/contract/client-storage/storedRecords.ts';
import { collect, createTestDevice } from '../../../test/contract/client-storage/testDevice.ts';
import { indexedDbStorage } from './indexedDbStorage.ts';
import { memoryStorage } from './memoryStorage.ts';

const body = { aggregate: 'note', id: 'n1', field: 'body' };

describe.each([
  ['memory', () => memoryStorage()],
  ['IndexedDB', () => indexedDbStorage({ name: randomUUID() })],
])('a storage that is disowned, in %s', (_, createStorage) => {
  test('[CON10] has not what was being written, and keeps what it is not asked to give back', async () => {
    const { open } = createTestDevice(createStorage());
    const page = await open('tab-a');
    page.write({ type: 'put-command', command: createCommand(1) });
    await page.flush();
    page.write({ type: 'put-command', command: createCommand(2) });
    await Promise.resolve();
    page.write({ type: 'put-command', command: createCommand(3) });
    page.disown(['key-2', 'key-3'], 'it is Ada’s');
    page.write({ type: 'put-command', command: createCommand(4) });
    page.disown(['key-1'], 'once is enough');
    await page.flush();
    expect(page.condition.peek()).toEqual({ kind: 'memory', reason: 'other-person', detail: 'it is Ada’s' });
    const other = await open('tab-b');
    expect(await collect(other.readCommands())).toEqual([createCommand(1)]);
    expect((await page.readAggregate({ aggregate: 'note', id: 'n1' })).commands).not.toContainEqual(
      createCommand(1),
    );
    expect(page.reports).toEqual([]);
  });

  test('[CON10] is left to others: the page that lets it go is gone to them, and takes nothing over', async () => {
    const { open } = createTestDevice(createStorage());
    const [a, b] = [await open('tab-a'), await open('tab-b')];
    a.write({ type: 'put-command', command: createCommand(1, { tab: 'tab-a' }) });
    await a.flush();
    const gone = vi.fn();
    b.tabs.whenGone('tab-a', gone);
    const adopting = a.adopt('tab-c');
    a.disown([], 'it is Ada’s');
    await vi.waitFor(() => expect(gone).toHaveBeenCalledOnce());
    expect(await adopting).toEqual([]);
    expect(await a.adopt('tab-b')).toEqual([]);
    expect(await b.adopt('tab-a')).toEqual([createCommand(1, { tab: 'tab-b' })]);
  });

  test('[CON10] takes no edit of a text, and the page has them all when it opens the text again', async () => {
    const { open } = createTestDevice(createStorage());
    const page = await open('tab-a');
    const doc = new Y.Doc();
    const copy = page.texts.open(body, doc);
    await copy.whenLoaded;
    copy.keepEpoch('epoch-1');
    doc.getText('text').insert(0, 'hers');
    await copy.flush();
    page.disown([], 'it is Ada’s');
    doc.getText('text').insert(4, ', his');
    await page.flush();
    await copy.close();
    doc.getText('text').insert(9, ', lost');

    const again = new Y.Doc();
    const second = page.texts.open(body, again);
    expect(await second.whenLoaded).toEqual({ epoch: 'epoch-1', isEmpty: false });
    expect(again.getText('text').toJSON()).toBe('hers, his');
    again.getText('text').insert(9, ', too');
    await second.close();
    const hers = new Y.Doc();
    const kept = (await open('tab-b')).texts.open(body, hers);
    expect(await kept.whenLoaded).toEqual({ epoch: 'epoch-1', isEmpty: false });
    expect(hers.getText('text').toJSON()).toBe('hers');
    await kept.close();
  });
});
