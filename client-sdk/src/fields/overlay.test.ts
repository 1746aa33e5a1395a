import { expect, it } from 'vitest';
import type { FieldValues } from '../../protocol/outcome.ts';
import { toToken } from '../testSupport/createTestClient.ts';
import type { QueuedCommand } from './commandQueue.ts';
import type { ConfirmedState } from './confirmedState.ts';
import { toOverlay } from './overlay.ts';

const existing: ConfirmedState = {
  status: 'existing',
  fields: { title: 'Plan', tags: [] },
  token: toToken('t1'),
};

function pending(
  kind: 'create' | 'change' | 'delete',
  values: FieldValues = {},
  shown: QueuedCommand['shown'] = false,
): QueuedCommand {
  const command =
    kind === 'change'
      ? ({ kind, patch: values } as const)
      : ({ kind, fields: values } as QueuedCommand['command']);
  return { key: 'k', command, values, stage: 'queued', shown, traceable: true };
}

it('[HAN2] lays changes over the confirmed fields in order, and names each once', () => {
  const changes = [pending('change', { title: 'A' }), pending('change', { title: 'B', tags: ['x'] })];
  expect(toOverlay(existing, changes)).toEqual({
    status: 'existing',
    fields: { title: 'B', tags: ['x'] },
    pending: ['title', 'tags'],
  });
});

it('[HAN2] leaves out what the confirmed state shows already', () => {
  const changes = [pending('change', { title: 'A' }, true)];
  expect(toOverlay(existing, changes)).toMatchObject({ fields: { title: 'Plan' }, pending: [] });
});

it('[HAN2] [HAN12] covers the events of a command that are shown in part', () => {
  const command = { kind: 'invoke', name: 'twice', input: {} } as const;
  const run = { ...pending('change', { title: 'full' }, { token: toToken('t1') }), command };
  expect(toOverlay(existing, [run])).toMatchObject({ fields: { title: 'full' }, pending: ['title'] });
});

it.each(['loading', 'missing'] as const)(
  '[HAN2] shows a creation of what is %s, and a change of that',
  (status) => {
    const commands = [pending('create', { title: 'New', tags: [] }), pending('change', { title: 'Newer' })];
    expect(toOverlay({ status }, commands)).toEqual({
      status: 'existing',
      fields: { title: 'Newer', tags: [] },
      pending: ['title', 'tags'],
    });
  },
);

it('[HAN2] shows a deletion', () => {
  expect(toOverlay(existing, [pending('delete')])).toEqual({ status: 'deleted' });
});

it.each([
  [
    'a creation of what exists',
    existing,
    pending('create', { title: 'Other' }),
    { fields: { title: 'Plan' } },
  ],
  ['a creation of what was deleted', { status: 'deleted' }, pending('create', {}), { status: 'deleted' }],
  [
    'a change of what is missing',
    { status: 'missing' },
    pending('change', { title: 'A' }),
    { status: 'missing' },
  ],
  [
    'a change of what is loading',
    { status: 'loading' },
    pending('change', { title: 'A' }),
    { status: 'loading' },
  ],
  ['a deletion of what is missing', { status: 'missing' }, pending('delete'), { status: 'missing' }],
] as [string, ConfirmedState, QueuedCommand, object][])(
  '[HAN2] shows nothing of %s',
  (_what, confirmed, command, shown) => {
    expect(toOverlay(confirmed, [command])).toMatchObject(shown);
  },
);
