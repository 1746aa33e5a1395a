import { describe, expect, test } from 'vitest';
import {
  createCommand,
  createConflict,
  createOutcome,
  everyCommand,
  everyOutcome,
  everyState,
  list,
} from './storedRecords.ts';
import { collect, type TestDevice } from './testDevice.ts';

const n1 = { aggregate: 'note', id: 'n1' };

export function registerRecordsContract(createDevice: () => Promise<TestDevice>): void {
  describe('records', () => {
    test('a new storage is empty and nobody’s', async () => {
      const page = await (await createDevice()).open('tab-a');
      expect(page.owner).toBeUndefined();
      expect(await page.readAggregate(n1)).toEqual({ state: undefined, commands: [], conflicts: [] });
      expect(await page.readList('note')).toBeUndefined();
      expect(await collect(page.readCommands())).toEqual([]);
      expect(await collect(page.readConflicts())).toEqual([]);
      expect(await page.readOutcomes()).toEqual([]);
      expect(await page.readUnsavedTexts()).toEqual([]);
      expect(page.condition.peek()).toEqual({ kind: 'durable' });
      expect(page.reports).toEqual([]);
    });

    test('[OFF2] everything is there after the page was closed, with every member', async () => {
      const device = await createDevice();
      const commands = everyCommand.map((command, order) =>
        createCommand(order, { command, resolves: ['conflict-1'] }),
      );
      const outcomes = everyOutcome.map((outcome, order) => createOutcome(order, { outcome }));
      const conflict = createConflict(1);
      const target = { ...n1, field: 'body' };
      const first = await device.open('tab-a');
      await first.claim('ada');
      first.write(
        ...commands.map((command) => ({ type: 'put-command', command }) as const),
        ...outcomes.map((outcome) => ({ type: 'put-outcome', outcome }) as const),
        { type: 'put-conflict', conflict },
        { type: 'put-list', list },
        { type: 'mark-text', text: { ...target, isUnsaved: true } },
      );
      for (const [index, state] of everyState.entries()) {
        first.write({ type: 'put-state', state: { aggregate: 'note', id: `n${index}`, state } });
      }
      expect(first.owner).toBe('ada');
      await first.close();

      const second = await device.open('tab-b');
      expect(second.owner).toBe('ada');
      expect(await collect(second.readCommands())).toStrictEqual(commands);
      expect(await collect(second.readConflicts())).toStrictEqual([conflict]);
      expect(await second.readOutcomes()).toStrictEqual(outcomes);
      expect(await second.readList('note')).toStrictEqual(list);
      expect(await second.readUnsavedTexts()).toStrictEqual([target]);
      for (const [index, state] of everyState.entries()) {
        expect((await second.readAggregate({ aggregate: 'note', id: `n${index}` })).state).toStrictEqual(
          state,
        );
      }
      expect(second.reports).toEqual([]);
    });

    test('a record takes the place of the one with its key, and a removed one is gone', async () => {
      const device = await createDevice();
      const first = await device.open('tab-a');
      first.write(
        { type: 'put-command', command: createCommand(1) },
        { type: 'put-command', command: createCommand(2) },
        { type: 'put-conflict', conflict: createConflict(1) },
        { type: 'put-conflict', conflict: createConflict(2) },
        { type: 'put-outcome', outcome: createOutcome(1) },
        { type: 'put-outcome', outcome: createOutcome(2) },
        { type: 'put-state', state: { ...n1, state: everyState[0]! } },
        { type: 'put-list', list },
        { type: 'mark-text', text: { ...n1, field: 'body', isUnsaved: true } },
        { type: 'mark-text', text: { ...n1, field: 'summary', isUnsaved: true } },
      );
      await first.flush();
      const newer = {
        command: createCommand(1, { values: { title: 'newer' }, tab: 'tab-b' }),
        conflict: createConflict(1, { order: 7 }),
        outcome: createOutcome(1, { outcome: everyOutcome[3]! }),
      };
      first.write(
        { type: 'put-command', command: newer.command },
        { type: 'remove-command', key: createCommand(2).key },
        { type: 'put-conflict', conflict: newer.conflict },
        { type: 'remove-conflict', conflict: createConflict(2).conflict },
        { type: 'put-outcome', outcome: newer.outcome },
        { type: 'remove-outcome', key: createOutcome(2).key },
        { type: 'put-state', state: { ...n1, state: everyState[2]! } },
        { type: 'put-list', list: { ...list, items: [] } },
        { type: 'mark-text', text: { ...n1, field: 'body', isUnsaved: false } },
        { type: 'remove-command', key: 'there never was one' },
      );
      const check = async (page: typeof first) => {
        expect(await collect(page.readCommands())).toStrictEqual([newer.command]);
        expect(await collect(page.readConflicts())).toStrictEqual([newer.conflict]);
        expect(await page.readOutcomes()).toStrictEqual([newer.outcome]);
        expect((await page.readAggregate(n1)).state).toStrictEqual(everyState[2]);
        expect(await page.readList('note')).toStrictEqual({ ...list, items: [] });
        expect(await page.readUnsavedTexts()).toStrictEqual([{ ...n1, field: 'summary' }]);
      };
      await check(first);
      await first.close();
      await check(await device.open('tab-b'));
    });

    test('a read sees every write before it, and nothing that is done to the record since', async () => {
      const page = await (await createDevice()).open('tab-a');
      const command = createCommand(1, { values: { title: 'as written' } });
      page.write({ type: 'put-command', command });
      (command.values as { title: string }).title = 'changed since';
      expect(await collect(page.readCommands())).toMatchObject([{ values: { title: 'as written' } }]);
      page.write({ type: 'remove-command', key: command.key });
      expect((await page.readAggregate(n1)).commands).toEqual([]);
      page.write({ type: 'put-list', list });
      expect(await page.readList('note')).toEqual(list);
      page.write({ type: 'put-outcome', outcome: createOutcome(1) });
      expect(await page.readOutcomes()).toEqual([createOutcome(1)]);
      page.write({ type: 'mark-text', text: { ...n1, field: 'body', isUnsaved: true } });
      expect(await page.readUnsavedTexts()).toEqual([{ ...n1, field: 'body' }]);
      page.write({ type: 'put-state', state: { ...n1, state: everyState[1]! } });
      expect((await page.readAggregate(n1)).state).toEqual(everyState[1]);
    });

    test('[OFF10] any number of commands are read by ascending order, and those of an aggregate by themselves', async () => {
      const device = await createDevice();
      const page = await device.open('tab-a');
      const commands = Array.from({ length: 1203 }, (_, index) => {
        const order = (index * 7919) % 1203;
        return createCommand(order, { id: `n${order % 3}`, key: `k${index}` });
      });
      const conflicts = commands.map(({ order }) => createConflict(order));
      for (const command of commands) page.write({ type: 'put-command', command });
      for (const conflict of conflicts) page.write({ type: 'put-conflict', conflict });
      await page.flush();
      page.write({ type: 'remove-command', key: commands[5]!.key });
      page.write({ type: 'put-command', command: createCommand(400.5, { id: 'n1' }) });

      const expected = [...commands.toSpliced(5, 1), createCommand(400.5, { id: 'n1' })].sort(
        (a, b) => a.order - b.order,
      );
      expect(await collect(page.readCommands())).toEqual(expected);
      expect((await collect(page.readConflicts())).map(({ order }) => order)).toEqual([
        ...Array(1203).keys(),
      ]);
      expect((await page.readAggregate(n1)).commands).toEqual(expected.filter(({ id }) => id === 'n1'));
      expect((await page.readAggregate({ aggregate: 'task', id: 'n1' })).commands).toEqual([]);
    });

    test('another page sees what was written', async () => {
      const device = await createDevice();
      const [a, b] = [await device.open('tab-a'), await device.open('tab-b')];
      a.write({ type: 'put-command', command: createCommand(1) });
      await a.flush();
      expect(await collect(b.readCommands())).toEqual([createCommand(1)]);
      b.write({ type: 'remove-command', key: createCommand(1).key });
      await b.flush();
      expect(await collect(a.readCommands())).toEqual([]);
    });

    test('nothing is written after the page was closed, however often it is closed', async () => {
      const device = await createDevice();
      const page = await device.open('tab-a');
      page.write({ type: 'put-command', command: createCommand(1) });
      await Promise.all([page.close(), page.close()]);
      page.write({ type: 'put-command', command: createCommand(2) });
      await page.flush();
      await page.close();
      const other = await device.open('tab-b');
      expect(await collect(other.readCommands())).toEqual([createCommand(1)]);
    });
  });
}
