import { expect, it } from 'vitest';
import { toToken } from '../testSupport/createTestClient.ts';
import {
  dropApplied,
  findNext,
  isShownBy,
  markApplied,
  markSent,
  markShown,
  markWhole,
  type QueuedCommand,
  remove,
  requeueSent,
} from './commandQueue.ts';

type Queue = readonly QueuedCommand[];

function queueOf(...keys: string[]): Queue {
  return keys.map((key) => ({
    key,
    command: { kind: 'change', patch: {} },
    values: {},
    stage: 'queued',
    shown: false,
    traceable: true,
  }));
}

const describeQueue = (queue: Queue) => queue.map(({ key, stage }) => `${key} ${stage}`);

it('[HAN3] sends one at a time, in order', () => {
  const queue = queueOf('a', 'b');
  expect(findNext(queue)?.key).toBe('a');
  const sent = markSent(queue, 'a', true);
  expect(findNext(sent)).toBeUndefined();
  expect(findNext(remove(sent, 'a'))?.key).toBe('b');
});

it('[HAN3] sends the next one once the one before is answered, shown or not', () => {
  const applied = markApplied(markSent(queueOf('a', 'b'), 'a', true), 'a', false);
  expect(describeQueue(applied)).toEqual(['a applied', 'b queued']);
  expect(findNext(applied)?.key).toBe('b');
});

it('[HAN3] sends what is unanswered again, first and with its key', () => {
  const lost = requeueSent(markSent(queueOf('a', 'b'), 'a', true));
  expect(describeQueue(lost)).toEqual(['a queued', 'b queued']);
  expect(findNext(lost)?.key).toBe('a');
});

it('[HAN2] drops an applied command when its event comes, in whichever order', () => {
  const sent = markSent(queueOf('a'), 'a', true);
  const event = { key: 'a', token: toToken('t2') };
  expect(markShown(markApplied(sent, 'a', false), event)).toEqual([]);
  const shown = markShown(sent, event);
  expect(shown).toMatchObject([{ stage: 'sent', shown: true }]);
  expect(markApplied(shown, 'a', true)).toEqual([]);
});

it('[HAN2] takes a command for shown in part until its last event or one of another has come', () => {
  const [first] = queueOf('a') as [QueuedCommand];
  const run: QueuedCommand = { ...first, command: { kind: 'invoke', name: 'finish', input: {} } };
  const inPart = markShown(markSent([run], 'a', true), { key: 'a', token: toToken('t2') });
  expect(inPart).toMatchObject([{ shown: { token: 't2' } }]);
  expect(markShown(inPart, { key: 'a', token: toToken('t3') })).toMatchObject([{ shown: { token: 't3' } }]);
  for (const key of ['b', undefined]) {
    expect(markShown(inPart, { key, token: toToken('t3') })).toMatchObject([{ shown: true }]);
  }
  expect(markWhole(inPart)).toMatchObject([{ shown: true }]);
  expect(markWhole([run])).toEqual([run]);
});

it('[HAN9] drops every applied command with a newer state, and no other', () => {
  const queue = markApplied(markSent(queueOf('a', 'b'), 'a', true), 'a', false);
  expect(describeQueue(dropApplied(queue))).toEqual(['b queued']);
});

it('[HAN9] can trace a command to its event only where it was sent once, after the state came', () => {
  const isTraceable = (queue: Queue) => queue[0]?.traceable;
  expect(isTraceable(markSent(queueOf('a'), 'a', true))).toBe(true);
  expect(isTraceable(markSent(queueOf('a'), 'a', false))).toBe(false);
  expect(isTraceable(markSent(requeueSent(markSent(queueOf('a'), 'a', true)), 'a', true))).toBe(false);
});

it('[HAN2] knows what the confirmed state shows already', () => {
  const [change] = queueOf('a') as [QueuedCommand];
  const deletion: QueuedCommand = { ...change, command: { kind: 'delete' } };
  const at = (name: string) => ({ status: 'existing', fields: {}, token: toToken(name) }) as const;
  const applied = { changed: ['title'], token: toToken('t2') };
  expect(isShownBy(at('t1'), change, applied)).toBe(false);
  expect(isShownBy(at('t2'), change, applied)).toBe(true);
  expect(isShownBy(at('t1'), { ...change, shown: true }, applied)).toBe(true);
  expect(isShownBy(at('t1'), change, { ...applied, changed: [] })).toBe(true);
  expect(isShownBy(at('t1'), deletion, { ...applied, changed: [] })).toBe(false);
  expect(isShownBy({ status: 'deleted' }, deletion, { ...applied, changed: [] })).toBe(true);
});
