import { z } from 'zod';
import { consistencyTokenSchema } from '../../protocol/consistencyToken.ts';
import { downSchema } from '../../protocol/messages/down.ts';
import { upSchema } from '../../protocol/messages/up.ts';
import { commandOutcomeSchema, fieldValuesSchema } from '../../protocol/outcome.ts';
import type { TableName, Tables } from './rows.ts';

const string = z.string();
const order = z.number();
const address = { aggregate: string, id: string };
const sent = { ...address, key: string, order, command: z.unknown(), values: fieldValuesSchema };

/** A command as it goes to the server. */
function isSendable(record: object): boolean {
  return upSchema.safeParse({ ...record, type: 'command' }).success;
}

/** What a server told, as a message of this type. */
function isTold(type: 'list' | 'state'): (record: object) => boolean {
  return (record) => downSchema.safeParse({ ...record, type }).success;
}

const SCHEMAS: Readonly<Record<TableName, z.ZodType>> = {
  commands: z.object({ ...sent, tab: string, resolves: z.array(string).optional() }).refine(isSendable),
  conflicts: z
    .object({
      ...address,
      conflict: string,
      order,
      write: z.object({
        key: string,
        command: z.unknown(),
        values: fieldValuesSchema,
        seen: fieldValuesSchema,
        fields: z.array(z.object({ field: string })),
        token: consistencyTokenSchema,
      }),
    })
    .refine(({ aggregate, id, write }) => isSendable({ aggregate, id, ...write })),
  outcomes: z.object({ ...sent, outcome: commandOutcomeSchema }).refine(isSendable),
  states: z
    .looseObject({ state: z.looseObject({ status: z.enum(['missing', 'deleted', 'existing']) }) })
    .refine(isTold('state')),
  lists: z.looseObject({}).refine(isTold('list')),
  texts: z.object({ ...address, field: string }),
  owner: z.object({ userId: string }),
};

/** Whether a record that was read is one that may have been written. */
export function isRecord<Table extends TableName>(table: Table, record: unknown): record is Tables[Table] {
  return SCHEMAS[table].safeParse(record).success;
}
