import { idempotencyKeySchema, userSchema } from '@weft/client/protocol';
import { z } from 'zod';
import type { EditOptions, TextEdit } from './textEdit.ts';

const editSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('text'), text: z.string() }),
  z.strictObject({
    kind: z.literal('edits'),
    edits: z.array(
      z.strictObject({ at: z.number(), delete: z.number().optional(), insert: z.string().optional() }),
    ),
  }),
  z.strictObject({ kind: z.literal('content'), content: z.array(z.unknown()) }),
]);

const optionsSchema = z.object({
  base: z
    .union([z.bigint().nonnegative(), z.literal('newest')], "is a bigint from 0 on, 'newest' or undefined")
    .optional(),
  user: userSchema,
  idempotencyKey: idempotencyKeySchema.optional(),
});

/** Throws a `TypeError` where code without types passes something else than an edit. */
export function checkEdit(edit: TextEdit, options: EditOptions): void {
  check(editSchema, edit, 'the edit');
  check(optionsSchema, options, 'the options');
}

function check(schema: z.ZodType, value: unknown, what: string): void {
  const { error } = schema.safeParse(value);
  const [issue] = error?.issues ?? [];
  if (!issue) return;
  const path = issue.path.map((step) => `.${String(step)}`).join('');
  throw new TypeError(`${what} of texts.edit: ${path === '' ? '' : `${path.slice(1)}: `}${issue.message}`);
}
