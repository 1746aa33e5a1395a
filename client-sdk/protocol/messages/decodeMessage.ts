import type { z } from 'zod';

export type Decoded<Message> = { ok: true; value: Message } | { ok: false; error: string };

export function decodeMessage<Message>(schema: z.ZodType<Message>, data: unknown): Decoded<Message> {
  const parsed = schema.safeParse(data);
  if (parsed.success) return { ok: true, value: parsed.data };
  const issue = parsed.error.issues[0];
  return { ok: false, error: issue ? `${issue.path.join('.')}: ${issue.message}` : 'not a message' };
}
