import { expect, it } from 'vitest';
import { z } from 'zod';
import { defineAggregate } from '../../protocol/defineAggregate.ts';
import { createClient } from '../createClient.ts';
import type { ClientReport } from '../lifecycle/clientReport.ts';
import { createFakeServer } from '../testSupport/fakeServer.ts';
import { createManualClock } from '../testSupport/manualClock.ts';
import { toToken } from '../testSupport/createTestClient.ts';

type Fields = { readonly start: number; readonly end: number; readonly title: string };

const span = defineAggregate('span', {
  fields: { start: z.number(), end: z.number(), title: z.string() },
  check: ({ start, end, title }) => {
    if (title === 'fault') throw new Error('the definition has a fault');
    return end < start ? [{ path: 'end', message: 'the end is before the start' }] : [];
  },
});

async function openSpan(fields: Fields) {
  const server = createFakeServer();
  const reports: ClientReport[] = [];
  const weft = createClient({
    url: 'http://server',
    aggregates: [span],
    createSocket: server.createSocket,
    clock: createManualClock(),
    onReport: (report) => reports.push(report),
  });
  await server.accept();
  const handle = weft.span('s1');
  const state = { status: 'existing', fields, token: toToken('t1') } as const;
  server.say({ type: 'state', aggregate: 'span', id: 's1', state });
  return { server, weft, handle, reports };
}

it('[DEF1] [HAN2] refuses what the definition’s check refuses on what is on display, and sends nothing', async () => {
  const { server, handle } = await openSpan({ start: 1, end: 2, title: '' });
  await expect(handle.change({ end: 0 })).resolves.toEqual({
    outcome: 'rejected',
    code: 'invalid-fields',
    detail: 'some values are not allowed',
    errors: [{ path: 'end', message: 'the end is before the start' }],
  });
  expect(handle.fields).toMatchObject({ end: 2 });
  expect(server.all('command')).toEqual([]);
  void handle.change({ start: 0, end: 0 });
  expect(server.all('command')).toHaveLength(1);
});

it('[HAN2] counts what is still on its way', async () => {
  const { handle } = await openSpan({ start: 1, end: 2, title: '' });
  void handle.change({ start: 5, end: 9 });
  await expect(handle.change({ end: 4 })).resolves.toMatchObject({ outcome: 'rejected' });
});

it('[HAN2] refuses a creation likewise', async () => {
  const { server, weft } = await openSpan({ start: 1, end: 2, title: '' });
  const created = weft.span('s2').create({ start: 3, end: 1, title: '' });
  await expect(created).resolves.toMatchObject({ outcome: 'rejected', errors: [{ path: 'end' }] });
  expect(server.all('command')).toEqual([]);
});

it('[HAN4] asks the server about what was not right before', async () => {
  const { server, handle } = await openSpan({ start: 3, end: 1, title: '' });
  void handle.change({ title: 'Plan' });
  expect(server.all('command')).toHaveLength(1);
});

it('[HAN12] reports a check that throws, and asks the server', async () => {
  const { server, handle, reports } = await openSpan({ start: 1, end: 2, title: '' });
  void handle.change({ title: 'fault' });
  expect(server.all('command')).toHaveLength(1);
  expect(reports).toMatchObject([{ kind: 'decide-failed' }]);
});
