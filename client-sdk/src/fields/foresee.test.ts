import { expect, it, onTestFinished } from 'vitest';
import { z } from 'zod';
import { defineAggregate } from '../../protocol/defineAggregate.ts';
import { createClient } from '../createClient.ts';
import type { ClientReport } from '../lifecycle/clientReport.ts';
import { toToken } from '../testSupport/createTestClient.ts';
import { createFakeServer } from '../testSupport/fakeServer.ts';
import { createManualClock } from '../testSupport/manualClock.ts';

const contradicts = defineAggregate('fault', {
  fields: { done: z.boolean() },
  events: (event) => ({ FaultDone: event(z.object({}), () => ({ done: true })) }),
  commands: (command) => ({
    promise: command(z.object({}), {
      decide: () => Promise.resolve({ events: [{ type: 'FaultDone', data: {} }] }) as never,
    }),
    answer: command(z.object({}), {
      output: z.object({ count: z.number() }),
      decide: () => ({ events: [{ type: 'FaultDone', data: {} }] }),
    }),
    invent: command(z.object({}), {
      decide: () => ({ events: [{ type: 'FaultUnheardOf' as 'FaultDone', data: {} }] }),
    }),
  }),
});

it.each([
  ['promise', 'at once'],
  ['answer', 'output'],
  ['invent', 'FaultUnheardOf'],
] as const)('[HAN12] foresees nothing where the definition contradicts itself: %s', async (name, said) => {
  const server = createFakeServer();
  const reports: ClientReport[] = [];
  const weft = createClient({
    url: 'http://server',
    aggregates: [contradicts],
    createSocket: server.createSocket,
    clock: createManualClock(),
    onReport: (report) => reports.push(report),
  });
  onTestFinished(() => weft.close());
  await server.accept();
  const handle = weft.fault('f1');
  const state = { status: 'existing', fields: { done: false }, token: toToken('t1') } as const;
  server.say({ type: 'state', aggregate: 'fault', id: 'f1', state });
  void handle.run(name, {});
  expect(handle.peek()).toMatchObject({ fields: { done: false }, pending: [] });
  expect(reports).toMatchObject([
    { kind: 'decide-failed', error: { message: expect.stringContaining(said) } },
  ]);
  expect(server.take('command').command).toMatchObject({ name });
});
