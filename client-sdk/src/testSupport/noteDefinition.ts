import { z } from 'zod';
import { defineAggregate, text } from '../../protocol/aggregateDefinition.ts';
import { mergeSet } from '../../protocol/mergeSet.ts';

/** A field of each kind that the client treats differently: plain, grouped, merging, and an object. */
export const note = defineAggregate('note', {
  fields: {
    title: z.string().min(1),
    status: z.enum(['open', 'done']),
    start: z.string().nullable(),
    end: z.string().nullable(),
    tags: z.array(z.string()),
    place: z.object({ room: z.string().optional(), floor: z.number().optional() }),
  },
  initial: { status: 'open', start: null, end: null, tags: [], place: {} },
  groups: { schedule: ['start', 'end'] },
  onConflict: { tags: mergeSet },
  text: { body: text(), summary: text() },
});

/** All fields of a note, as the server would have them. */
export const FIELDS = {
  title: 'Plan',
  status: 'open',
  start: null,
  end: null,
  tags: [],
  place: {},
} as const;
