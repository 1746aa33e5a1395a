import { defineAggregate, text } from '@weft/client/protocol';
import { z } from 'zod';

/** What is edited offline. */
export const memo = defineAggregate('memo', {
  fields: { title: z.string(), status: z.enum(['open', 'done']), owner: z.string() },
  initial: { title: '', status: 'open', owner: '' },
  text: { body: text() },
});
