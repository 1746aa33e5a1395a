import { z } from 'zod';
import { consistencyTokenSchema } from '../consistencyToken.ts';
import { commandOutcomeSchema, fieldValuesSchema } from '../outcome.ts';
import { userSchema } from '../user.ts';
import { idempotencyKeySchema } from './up.ts';

const aggregate = { aggregate: z.string(), id: z.string() };

const welcomeSchema = z.object({
  type: z.literal('welcome'),
  protocolVersion: z.int(),
  sessionId: z.string(),
  user: userSchema,
});

/** The state of an aggregate, the answer to `subscribe`. */
const stateSchema = z.object({
  type: z.literal('state'),
  ...aggregate,
  state: z.discriminatedUnion('status', [
    z.object({ status: z.literal('missing') }),
    z.object({ status: z.literal('deleted') }),
    z.object({ status: z.literal('unchanged'), token: consistencyTokenSchema }),
    z.object({ status: z.literal('existing'), fields: fieldValuesSchema, token: consistencyTokenSchema }),
  ]),
});

/**
 * One event after the state: its fields with their new values, and the token of the state it led to. `key` is the
 * idempotency key of the command behind it, by which a client knows its own.
 */
const changedSchema = z.object({
  type: z.literal('changed'),
  ...aggregate,
  change: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('created'), fields: fieldValuesSchema }),
    z.object({ kind: z.literal('changed'), fields: fieldValuesSchema }),
    z.object({ kind: z.literal('deleted') }),
  ]),
  token: consistencyTokenSchema,
  by: userSchema,
  at: z.string(),
  key: idempotencyKeySchema.optional(),
});

const outcomeSchema = z.object({
  type: z.literal('outcome'),
  key: idempotencyKeySchema,
  outcome: commandOutcomeSchema,
});

/** `epoch` stands for the text from one erasure or replacement to the next; a client compares it and no more. */
const textOpenedSchema = z.object({ type: z.literal('text-opened'), channel: z.int(), epoch: z.string() });

/** The channel is over, with a close code that means what it means on a socket of its own. */
const textClosedSchema = z.object({
  type: z.literal('text-closed'),
  channel: z.int(),
  code: z.int(),
  reason: z.string(),
});

const listedAggregateSchema = z.object({
  id: z.string(),
  fields: fieldValuesSchema,
  token: consistencyTokenSchema,
  by: userSchema,
  at: z.string(),
});

export type ListedAggregate = z.infer<typeof listedAggregateSchema>;

/** The existing aggregates of a type, newest change first; the answer to `subscribe-list`. */
const listSchema = z.object({
  type: z.literal('list'),
  aggregate: z.string(),
  items: z.array(listedAggregateSchema),
});

const listChangedSchema = z.object({
  type: z.literal('list-changed'),
  aggregate: z.string(),
  change: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('put'), item: listedAggregateSchema }),
    z.object({ kind: z.literal('removed'), id: z.string() }),
  ]),
});

/** A message could not be served; the session goes on. */
const errorSchema = z.object({ type: z.literal('error'), code: z.string(), message: z.string() });

const pongSchema = z.object({ type: z.literal('pong') });

/** Everything that a server may say in a JSON frame. */
export const downSchema = z.discriminatedUnion('type', [
  welcomeSchema,
  stateSchema,
  changedSchema,
  outcomeSchema,
  textOpenedSchema,
  textClosedSchema,
  listSchema,
  listChangedSchema,
  errorSchema,
  pongSchema,
]);

export type Down = z.infer<typeof downSchema>;
