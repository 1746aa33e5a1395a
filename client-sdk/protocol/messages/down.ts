import { z } from 'zod';
import { consistencyTokenSchema } from '../consistencyToken.ts';
import { commandOutcomeSchema, fieldValuesSchema } from '../outcome.ts';
import { userSchema } from '../user.ts';

const aggregate = { aggregate: z.string(), id: z.string() };

/** When the token stops being good, in milliseconds since the epoch. The session ends then, unless it is renewed. */
const expiry = { expiresAt: z.int().optional() };

/** A server that says when the token expires takes `renew`; older ones say nothing. */
const welcomeSchema = z.object({
  type: z.literal('welcome'),
  protocolVersion: z.int(),
  sessionId: z.string(),
  user: userSchema,
  ...expiry,
});

/** The session goes on by the token of a `renew`. */
const renewedSchema = z.object({ type: z.literal('renewed'), ...expiry });

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
  key: z.string().optional(),
});

const outcomeSchema = z.object({
  type: z.literal('outcome'),
  key: z.string(),
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

/** A message could not be served; the session goes on. `aggregate` and `id` say what the message was about. */
const errorSchema = z.object({
  type: z.literal('error'),
  code: z.string(),
  message: z.string(),
  aggregate: z.string().optional(),
  id: z.string().optional(),
});

const pongSchema = z.object({ type: z.literal('pong') });

/** Everything that a server may say in a JSON frame. */
export const downSchema = z.discriminatedUnion('type', [
  welcomeSchema,
  renewedSchema,
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
