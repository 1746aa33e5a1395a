import { defineAggregate, mergeSet, text } from '@weft/client/protocol';
import { z } from 'zod';

export const note = defineAggregate('note', {
  fields: {
    title: z.string().min(1).max(200),
    status: z.enum(['open', 'in-progress', 'done']),
    priority: z.int().min(0).max(4),
    assignee: z.string().max(80).nullable(),
    start: z.iso.date().nullable(),
    end: z.iso.date().nullable(),
    tags: z.array(z.string().min(1).max(40)).max(20),
  },
  initial: { status: 'open', priority: 2, assignee: null, start: null, end: null, tags: [] },
  groups: { schedule: ['start', 'end'] },
  onConflict: { priority: 'last-writer-wins', tags: mergeSet },
  check: ({ start, end }) =>
    start !== null && end !== null && end < start
      ? [{ path: 'end', message: 'the end is before the start' }]
      : [],
  text: { body: text() },
});
