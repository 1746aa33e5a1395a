import { describe, expect, onTestFinished, test } from 'vitest';
import * as Y from 'yjs';
import type { TextCopy } from '../../../client-sdk/src/storage/clientStorage.ts';
import type { TestDevice, TestPage } from './testDevice.ts';

const body = { aggregate: 'note', id: 'n/1?', field: 'body' };

type OpenText = { readonly doc: Y.Doc; readonly text: Y.Text; readonly copy: TextCopy };

function openText(page: TestPage, target = body, doc = new Y.Doc()): OpenText {
  const copy = page.texts.open(target, doc);
  onTestFinished(() => copy.close());
  return { doc, text: doc.getText('text'), copy };
}

export function registerTextsContract(createDevice: () => Promise<TestDevice>): void {
  describe('texts', () => {
    test('[OFF6] a text is loaded with its epoch, with the copy as the origin', async () => {
      const device = await createDevice();
      const page = await device.open('tab-a');
      const first = openText(page);
      expect(await first.copy.whenLoaded).toEqual({ epoch: undefined, isEmpty: true });
      first.copy.keepEpoch('epoch-1');
      first.text.insert(0, 'Hello');
      first.text.insert(5, ' world');
      await first.copy.close();
      await page.close();

      const second = openText(await device.open('tab-b'));
      const origins: unknown[] = [];
      second.doc.on('update', (_update: Uint8Array, origin: unknown) => origins.push(origin));
      expect(await second.copy.whenLoaded).toEqual({ epoch: 'epoch-1', isEmpty: false });
      expect(second.text.toJSON()).toBe('Hello world');
      expect(origins.length).toBeGreaterThan(0);
      expect(new Set(origins)).toEqual(new Set([second.copy]));
      expect(Y.encodeStateVector(second.doc)).toEqual(Y.encodeStateVector(first.doc));
    });

    test('[OFF6] what was there before the copy, and what is edited before it is loaded, is kept', async () => {
      const device = await createDevice();
      const page = await device.open('tab-a');
      const doc = new Y.Doc();
      doc.getText('text').insert(0, 'before ');
      const first = openText(page, body, doc);
      first.text.insert(7, 'early ');
      expect(await first.copy.whenLoaded).toEqual({ epoch: undefined, isEmpty: true });
      first.text.insert(13, 'late');
      await first.copy.close();
      const second = openText(page);
      await second.copy.whenLoaded;
      expect(second.text.toJSON()).toBe('before early late');
    });

    test('an edit of somebody else is kept as well', async () => {
      const page = await (await createDevice()).open('tab-a');
      const first = openText(page);
      const other = new Y.Doc();
      other.getText('text').insert(0, 'theirs');
      Y.applyUpdate(first.doc, Y.encodeStateAsUpdate(other), 'a provider');
      await first.copy.close();
      const second = openText(page);
      await second.copy.whenLoaded;
      expect(second.text.toJSON()).toBe('theirs');
    });

    test('nothing is kept that comes after the copy was closed, however often it is closed', async () => {
      const page = await (await createDevice()).open('tab-a');
      const first = openText(page);
      first.text.insert(0, 'kept');
      await Promise.all([first.copy.close(), first.copy.close()]);
      first.text.insert(4, ' and not kept');
      first.copy.keepEpoch('too late');
      await first.copy.close();
      const second = openText(page);
      expect(await second.copy.whenLoaded).toEqual({ epoch: undefined, isEmpty: false });
      expect(second.text.toJSON()).toBe('kept');
    });

    test('a copy that is closed before it is loaded keeps what was edited', async () => {
      const page = await (await createDevice()).open('tab-a');
      const first = openText(page);
      first.text.insert(0, 'quick');
      await first.copy.close();
      expect(await first.copy.whenLoaded).toEqual({ epoch: undefined, isEmpty: true });
      const second = openText(page);
      await second.copy.whenLoaded;
      expect(second.text.toJSON()).toBe('quick');
    });

    test('texts are told from each other by every part of their name', async () => {
      const page = await (await createDevice()).open('tab-a');
      const targets = [
        body,
        { ...body, field: 'summary' },
        { ...body, id: 'n' },
        { aggregate: 'note/n', id: '1?', field: 'body' },
        { aggregate: 'note', id: 'n', field: '1?/body' },
      ];
      for (const [index, target] of targets.entries()) {
        const { text, copy } = openText(page, target);
        text.insert(0, String(index));
        await copy.close();
      }
      for (const [index, target] of targets.entries()) {
        const { text, copy } = openText(page, target);
        await copy.whenLoaded;
        expect(text.toJSON()).toBe(String(index));
      }
    });

    test('[OFF6] an erased copy is empty and has no epoch, also where it was erased before it was loaded', async () => {
      const page = await (await createDevice()).open('tab-a');
      const first = openText(page);
      first.text.insert(0, 'old');
      first.copy.keepEpoch('epoch-1');
      await first.copy.whenLoaded;
      await first.copy.erase();
      first.text.insert(0, 'not kept');
      const second = openText(page);
      expect(await second.copy.whenLoaded).toEqual({ epoch: undefined, isEmpty: true });
      expect(second.text.toJSON()).toBe('');
      second.copy.keepEpoch('epoch-2');
      second.text.insert(0, 'new');
      await second.copy.close();
      await openText(page).copy.erase();
      const third = openText(page);
      expect(await third.copy.whenLoaded).toEqual({ epoch: undefined, isEmpty: true });
    });

    test('two pages keep one text, and neither loses what the other wrote', async () => {
      const device = await createDevice();
      const [a, b] = [openText(await device.open('tab-a')), openText(await device.open('tab-b'))];
      await Promise.all([a.copy.whenLoaded, b.copy.whenLoaded]);
      for (let index = 0; index < 700; index++) {
        a.text.insert(0, 'a');
        b.text.insert(0, 'b');
        if (index % 100 === 0) await Promise.resolve();
      }
      await Promise.all([a.copy.close(), b.copy.close()]);
      const third = openText(await device.open('tab-c'));
      await third.copy.whenLoaded;
      const whole = third.text.toJSON();
      expect(whole.replaceAll('b', '')).toBe('a'.repeat(700));
      expect(whole.replaceAll('a', '')).toBe('b'.repeat(700));
    });

    test('[OFF6] a page with an older text leaves a newer one, that another page has put in its place, alone', async () => {
      const device = await createDevice();
      const [a, b] = [await device.open('tab-a'), await device.open('tab-b')];
      const first = openText(a);
      first.copy.keepEpoch('epoch-1');
      first.text.insert(0, 'old');
      await first.copy.close();
      const stale = openText(b);
      await stale.copy.whenLoaded;
      await openText(a).copy.erase();
      const fresh = openText(a);
      fresh.copy.keepEpoch('epoch-2');
      fresh.text.insert(0, 'new');
      await fresh.copy.close();

      stale.text.insert(0, 'very ');
      await stale.copy.erase();
      const third = openText(b);
      expect(await third.copy.whenLoaded).toEqual({ epoch: 'epoch-2', isEmpty: false });
      expect(third.text.toJSON()).toBe('new');
    });
  });
}
