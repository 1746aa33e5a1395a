import type { z } from 'zod';
import { type Down, downSchema } from './down.ts';
import { type Up, upSchema } from './up.ts';

export type Decoded<Message> = { ok: true; value: Message } | { ok: false; error: string };

function decode<Message>(schema: z.ZodType<Message>, data: unknown): Decoded<Message> {
  const parsed = schema.safeParse(data);
  if (parsed.success) return { ok: true, value: parsed.data };
  const issue = parsed.error.issues[0];
  return { ok: false, error: issue ? `${issue.path.join('.')}: ${issue.message}` : 'not a message' };
}

/** Reads what a client sent, already parsed as JSON. */
export function decodeUp(data: unknown): Decoded<Up> {
  return decode(upSchema, data);
}

/** Reads what a server sent, already parsed as JSON. */
export function decodeDown(data: unknown): Decoded<Down> {
  return decode(downSchema, data);
}
