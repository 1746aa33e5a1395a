import { z } from 'zod';
import { consistencyTokenSchema } from '../consistencyToken.ts';
import { MAX_IDEMPOTENCY_KEY_LENGTH, MAX_TEXT_EPOCH_LENGTH } from '../limits.ts';
import { fieldValuesSchema } from '../outcome.ts';

const name = z.string().max(64);
const aggregate = { aggregate: name, id: z.string().max(256) };
const channel = z
  .int()
  .min(1)
  .max(2 ** 31);

export const idempotencyKeySchema = z
  .string()
  .min(1)
  .max(MAX_IDEMPOTENCY_KEY_LENGTH)
  .regex(/^[\x21-\x7e]+$/);

const token = z.string().max(8192);

/** The first message of a session; nothing else is read before it. */
const helloSchema = z.object({
  type: z.literal('hello'),
  protocolVersion: z.int(),
  token: token.optional(),
});

/** Another token of the same person, in place of the one that the session began with. */
const renewSchema = z.object({ type: z.literal('renew'), token });

/** Asks for the state now and every change after it; `after` spares the state where it is still the newest. */
const subscribeSchema = z.object({
  type: z.literal('subscribe'),
  ...aggregate,
  after: consistencyTokenSchema.optional(),
});

const unsubscribeSchema = z.object({ type: z.literal('unsubscribe'), ...aggregate });

const subscribeListSchema = z.object({ type: z.literal('subscribe-list'), aggregate: name });

const unsubscribeListSchema = z.object({ type: z.literal('unsubscribe-list'), aggregate: name });

/**
 * `token` is the state that the writer saw; `seen` are single values that the writer saw on top of it, such as the
 * writer's own changes that were still on their way. Without a token nothing is detected. `invoke` is a domain command
 * of the definition.
 */
const guarded = { token: consistencyTokenSchema.optional(), seen: fieldValuesSchema.optional() };

const commandSchema = z.object({
  type: z.literal('command'),
  key: idempotencyKeySchema,
  ...aggregate,
  command: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('create'), fields: fieldValuesSchema }),
    z.object({ kind: z.literal('change'), patch: fieldValuesSchema, ...guarded }),
    z.object({ kind: z.literal('delete'), ...guarded }),
    z.object({ kind: z.literal('invoke'), name, input: z.unknown(), ...guarded }),
  ]),
});

/**
 * Opens a text on a channel of the client's choice; its frames are varuint channel + y-websocket frame. `epoch` is that
 * of the text that the client has already: where the server's is another, the channel is closed with 4409.
 */
const openTextSchema = z.object({
  type: z.literal('open-text'),
  channel,
  ...aggregate,
  field: name,
  epoch: z.string().max(MAX_TEXT_EPOCH_LENGTH).optional(),
});

const closeTextSchema = z.object({ type: z.literal('close-text'), channel });

const pingSchema = z.object({ type: z.literal('ping') });

/** Everything that a client may say in a JSON frame. */
export const upSchema = z.discriminatedUnion('type', [
  helloSchema,
  renewSchema,
  subscribeSchema,
  unsubscribeSchema,
  subscribeListSchema,
  unsubscribeListSchema,
  commandSchema,
  openTextSchema,
  closeTextSchema,
  pingSchema,
]);

export type Up = z.infer<typeof upSchema>;
export type Command = Extract<Up, { type: 'command' }>['command'];
