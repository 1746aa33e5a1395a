import { onTestFinished } from 'vitest';
import { type ConsistencyToken, consistencyTokenSchema } from '../../protocol/consistencyToken.ts';
import type { Down } from '../../protocol/messages/down.ts';
import type { CommandOutcome, FieldValues } from '../../protocol/outcome.ts';
import type { ClientOptions } from '../clientOptions.ts';
import { createClient } from '../createClient.ts';
import type { ClientReport } from '../lifecycle/clientReport.ts';
import { BOB, createFakeServer } from './fakeServer.ts';
import { createManualClock } from './manualClock.ts';
import { FIELDS, note } from './noteDefinition.ts';

export function toToken(name: string): ConsistencyToken {
  return consistencyTokenSchema.parse(name);
}

export type TestClientOptions = Pick<
  ClientOptions<readonly [typeof note]>,
  'storage' | 'resolvers' | 'onOutcome' | 'token'
>;

export function createTestClient(options: TestClientOptions = {}) {
  const server = createFakeServer();
  const clock = createManualClock();
  const reports: ClientReport[] = [];
  const weft = createClient({
    url: 'http://server',
    aggregates: [note],
    createSocket: server.createSocket,
    clock,
    random: () => 0.5,
    onReport: (report) => reports.push(report),
    ...options,
  });
  onTestFinished(() => weft.close());
  return { server, clock, reports, weft };
}

/** What the server says of the note `n1`. */
export const say = {
  state: (token: string, fields: FieldValues = {}): Down => ({
    type: 'state',
    aggregate: 'note',
    id: 'n1',
    state: { status: 'existing', fields: { ...FIELDS, ...fields }, token: toToken(token) },
  }),
  status: (status: 'missing' | 'deleted'): Down => ({
    type: 'state',
    aggregate: 'note',
    id: 'n1',
    state: { status },
  }),
  unchanged: (token: string): Down => ({
    type: 'state',
    aggregate: 'note',
    id: 'n1',
    state: { status: 'unchanged', token: toToken(token) },
  }),
  created: (token: string, fields: FieldValues, key?: string): Down => changed(token, 'created', fields, key),
  changed: (token: string, fields: FieldValues, key?: string): Down => changed(token, 'changed', fields, key),
  deleted: (token: string, key?: string): Down => ({
    ...base(token, key),
    change: { kind: 'deleted' },
  }),
  accepted: (key: string, token: string, fields: FieldValues): Down =>
    outcome(key, {
      outcome: 'accepted',
      changed: Object.keys(fields),
      fields: { ...FIELDS, ...fields },
      token: toToken(token),
    }),
  conflict: (
    key: string,
    token: string,
    fields: Record<string, { was: unknown; is: unknown; want: unknown }>,
  ): Down =>
    outcome(key, {
      outcome: 'conflict',
      token: toToken(token),
      conflicts: Object.entries(fields).map(([field, values]) => ({ field, ...values, by: BOB, at: AT })),
    }),
  rejected: (key: string, code: 'invalid-fields' | 'not-found' | 'deleted' = 'invalid-fields'): Down =>
    outcome(key, { outcome: 'rejected', code, detail: 'not like this' }),
  outcome,
};

export const AT = '2026-01-02T03:04:05.678Z';

function base(token: string, key: string | undefined) {
  return {
    type: 'changed',
    aggregate: 'note',
    id: 'n1',
    token: toToken(token),
    by: BOB,
    at: AT,
    ...(key !== undefined && { key }),
  } as const;
}

function changed(
  token: string,
  kind: 'created' | 'changed',
  fields: FieldValues,
  key: string | undefined,
): Down {
  return { ...base(token, key), change: { kind, fields } };
}

function outcome(key: string, answer: CommandOutcome): Down {
  return { type: 'outcome', key, outcome: answer };
}
