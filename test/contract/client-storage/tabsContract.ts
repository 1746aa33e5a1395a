import { describe, expect, test } from 'vitest';
import type { TabMessage } from '../../../client-sdk/src/storage/tabLink.ts';
import { until } from '../../support/until.ts';
import { createCommand, everyOutcome } from './storedRecords.ts';
import { collect, type TestDevice, type TestPage } from './testDevice.ts';

const target = { aggregate: 'note', id: 'n1', field: 'body', epoch: 'epoch-1' };
const messages: readonly TabMessage[] = [
  { type: 'asked', command: createCommand(1) },
  { type: 'answered', address: { aggregate: 'note', id: 'n1' }, key: 'key-1', outcome: everyOutcome[1]! },
  { type: 'conflict-closed', address: { aggregate: 'note', id: 'n1' }, keys: ['key-1'] },
  { type: 'text-edited', target, update: new Uint8Array([1, 2, 250]) },
  { type: 'text-wanted', target, stateVector: new Uint8Array([0]) },
];

function hear(page: TestPage): TabMessage[] {
  const heard: TabMessage[] = [];
  page.tabs.listen((message) => heard.push(message));
  return heard;
}

export function registerTabsContract(createDevice: () => Promise<TestDevice>): void {
  describe('tabs', () => {
    test('[OFF5] what a page tells reaches every other one, whole, once and in order, and not itself', async () => {
      const device = await createDevice();
      const pages = [
        await device.open('tab-a'),
        await device.open('tab-b'),
        await device.open('tab-c'),
      ] as const;
      const [a, b, c] = pages.map(hear);
      for (const message of messages) pages[0].tabs.post(message);
      await until(() => b!.length === messages.length && c!.length === messages.length, {
        describe: 'the messages',
      });
      expect(b).toStrictEqual(messages);
      expect(c).toStrictEqual(messages);
      pages[1].tabs.post(messages[0]!);
      await until(() => a!.length > 0 && c!.length > messages.length, { describe: 'an answer' });
      expect(a).toStrictEqual([messages[0]]);
      expect(b).toHaveLength(messages.length);
    });

    test('a page hears nothing any more when it has stopped to listen, and tells nothing when it is closed', async () => {
      const device = await createDevice();
      const [a, b, c] = [await device.open('tab-a'), await device.open('tab-b'), await device.open('tab-c')];
      const heard: TabMessage[] = [];
      const stop = b.tabs.listen((message) => heard.push(message));
      const byC = hear(c);
      stop();
      a.tabs.post(messages[0]!);
      await until(() => byC.length === 1, { describe: 'the message' });
      await a.close();
      a.tabs.post(messages[1]!);
      b.tabs.post(messages[2]!);
      await until(() => byC.length === 2, { describe: 'the message of another page' });
      expect(byC[1]).toEqual(messages[2]);
      expect(heard).toEqual([]);
    });

    test('[OFF5] a page hears once when another one is gone, and at once where it was gone already', async () => {
      const device = await createDevice();
      const [a, b] = [await device.open('tab-a'), await device.open('tab-b')];
      const gone: string[] = [];
      b.tabs.whenGone('tab-a', () => gone.push('tab-a'));
      b.tabs.whenGone('never there', () => gone.push('never there'));
      await until(() => gone.length === 1, { describe: 'the page that never was' });
      expect(gone).toEqual(['never there']);
      await a.close();
      await until(() => gone.length === 2, { describe: 'the page that was closed' });
      b.tabs.whenGone('tab-a', () => gone.push('again'));
      await until(() => gone.length === 3, { describe: 'the page that was closed before' });
      expect(gone).toEqual(['never there', 'tab-a', 'again']);
    });

    test('a wait that was stopped, or whose page was closed, does not call back', async () => {
      const device = await createDevice();
      const [a, b, c] = [await device.open('tab-a'), await device.open('tab-b'), await device.open('tab-c')];
      const gone: string[] = [];
      const stop = b.tabs.whenGone('tab-a', () => gone.push('stopped'));
      c.tabs.whenGone('tab-a', () => gone.push('closed'));
      b.tabs.whenGone('tab-a', () => gone.push('waiting'));
      stop();
      stop();
      await c.close();
      await a.close();
      await until(() => gone.includes('waiting'), { describe: 'the wait that goes on' });
      const device2 = await device.open('tab-d');
      device2.tabs.whenGone('tab-a', () => gone.push('later'));
      await until(() => gone.includes('later'), { describe: 'a later wait' });
      expect(gone).toEqual(['waiting', 'later']);
    });

    test('[OFF5] the commands of a page that is gone are given to one of three others only', async () => {
      const device = await createDevice();
      const gone = await device.open('gone');
      const commands = Array.from({ length: 40 }, (_, index) => createCommand(40 - index, { tab: 'gone' }));
      for (const command of commands) gone.write({ type: 'put-command', command });
      gone.write({ type: 'put-command', command: createCommand(99, { tab: 'tab-a' }) });
      const pages = [await device.open('tab-a'), await device.open('tab-b'), await device.open('tab-c')];
      const adopted = Promise.all(
        pages.map(async (page) => {
          const isGone = Promise.withResolvers<undefined>();
          page.tabs.whenGone('gone', () => isGone.resolve(undefined));
          await isGone.promise;
          return page.adopt('gone');
        }),
      );
      await gone.close();
      const [heir, ...others] = (await adopted)
        .map((taken, index) => ({ taken, tab: pages[index]!.tab }))
        .sort((x, y) => y.taken.length - x.taken.length);
      expect(others.map(({ taken }) => taken)).toEqual([[], []]);
      const expected = commands.toReversed().map((command) => ({ ...command, tab: heir!.tab }));
      expect(heir!.taken).toStrictEqual(expected);
      for (const page of pages) {
        expect(await collect(page.readCommands())).toStrictEqual([
          ...expected,
          createCommand(99, { tab: 'tab-a' }),
        ]);
      }
    });

    test('[OFF5] of a thousand commands that two pages adopt at once each is given to one page, in order', async () => {
      const device = await createDevice();
      const gone = await device.open('gone');
      const commands = Array.from({ length: 1000 }, (_, order) =>
        createCommand(order, { tab: 'gone', key: `key-${(order * 7919) % 1000}` }),
      );
      for (const command of commands) gone.write({ type: 'put-command', command });
      await gone.close();
      const [a, b] = [await device.open('tab-a'), await device.open('tab-b')];
      const [byA, byB] = await Promise.all([a.adopt('gone'), b.adopt('gone')]);
      const adopted = [...byA, ...byB].sort((x, y) => x.order - y.order);
      expect(adopted.map(({ key }) => key)).toEqual(commands.map(({ key }) => key));
      for (const [page, taken] of [[a, byA] as const, [b, byB] as const]) {
        expect(taken).toEqual(adopted.filter(({ tab }) => tab === page.tab));
        expect(await collect(page.readCommands())).toStrictEqual(adopted);
      }
    });

    test('a page that left nothing has nothing to adopt', async () => {
      const device = await createDevice();
      const page = await device.open('tab-a');
      page.write({ type: 'put-command', command: createCommand(1) });
      expect(await page.adopt('tab-b')).toEqual([]);
      expect(await collect(page.readCommands())).toEqual([createCommand(1)]);
    });
  });
}
