import type { ConsistencyToken } from '../../../client-sdk/protocol/consistencyToken.ts';
import type { Command } from '../../../client-sdk/protocol/messages/up.ts';
import type {
  StoredCommand,
  StoredConflict,
  StoredList,
  StoredOutcome,
  StoredState,
} from '../../../client-sdk/src/storage/storedRecords.ts';

/** Records with everything that they can have. */
export const TOKEN = 'dG9rZW4' as ConsistencyToken;
const ada = { id: 'ada', name: 'Ada Lovelace' };
const at = '2026-11-22T12:00:00.000Z';

export const everyCommand: readonly Command[] = [
  { kind: 'create', fields: { title: 'Plan', tags: ['a', 'b'], place: { room: '1' }, start: null } },
  { kind: 'change', patch: { title: 'Plan B', count: 0.5 }, token: TOKEN, seen: { title: 'Plan' } },
  { kind: 'delete', token: TOKEN, seen: {} },
  {
    kind: 'invoke',
    name: 'close',
    input: { reason: [1, 'x', null, true] },
    token: TOKEN,
    seen: { status: 'open' },
  },
];

export function createCommand(order: number, more: Partial<StoredCommand> = {}): StoredCommand {
  return {
    aggregate: 'note',
    id: 'n1',
    key: `key-${order}`,
    order,
    tab: 'tab-a',
    command: everyCommand[1]!,
    values: { title: `Plan ${order}`, count: 0.5 },
    resolves: undefined,
    ...more,
  };
}

export function createConflict(order: number, more: Partial<StoredConflict> = {}): StoredConflict {
  return {
    aggregate: 'note',
    id: 'n1',
    conflict: `conflict-${order}`,
    order,
    write: {
      key: `key-${order}`,
      command: everyCommand[3]!,
      values: { status: 'done' },
      seen: { status: 'open' },
      fields: [
        { field: 'status', was: 'open', is: 'done', want: undefined, by: ada, at },
        { field: 'title', was: undefined, is: null, want: { deep: [1] }, by: undefined, at: undefined },
      ],
      token: TOKEN,
    },
    ...more,
  };
}

export function createOutcome(order: number, more: Partial<StoredOutcome> = {}): StoredOutcome {
  return {
    aggregate: 'note',
    id: 'n1',
    key: `key-${order}`,
    order,
    command: everyCommand[0]!,
    values: { title: 'Plan' },
    outcome: {
      outcome: 'merged',
      changed: ['title'],
      fields: { title: 'Plan', tags: [] },
      token: TOKEN,
      lost: [{ field: 'title', was: 'a', is: 'b', want: 'c', kept: 'b' }],
      output: { number: 7 },
    },
    ...more,
  };
}

export const everyOutcome: readonly StoredOutcome['outcome'][] = [
  { outcome: 'accepted', changed: [], fields: {}, token: TOKEN },
  createOutcome(0).outcome,
  {
    outcome: 'conflict',
    conflicts: [{ field: 'title', was: 'a', is: 'b', want: 'c', by: ada, at }],
    token: TOKEN,
  },
  {
    outcome: 'rejected',
    code: 'invalid-fields',
    detail: 'no title',
    errors: [{ path: 'title', message: 'too short' }],
  },
];

export const everyState: readonly StoredState['state'][] = [
  { status: 'existing', fields: { title: 'Plan', tags: ['a'], place: {}, start: null }, token: TOKEN },
  { status: 'missing' },
  { status: 'deleted' },
];

export const list: StoredList = {
  aggregate: 'note',
  items: [
    { id: 'n2', fields: { title: 'Second', tags: [] }, token: TOKEN, by: ada, at },
    { id: 'n1', fields: { title: 'First', start: null }, token: TOKEN, by: ada, at },
  ],
};
