import { defineAggregate, mergeSet, text } from '@weft/client/protocol';
import { z } from 'zod';

const assignee = z.string().trim().max(80, 'a name has at most 80 characters');

export const note = defineAggregate('note', {
  fields: {
    title: z.string().trim().min(1, 'a title is needed').max(200, 'a title has at most 200 characters'),
    status: z.enum(['open', 'in-progress', 'done']),
    priority: z.int().min(0).max(4),
    assignee: assignee.nullable(),
    start: z.iso.date().nullable(),
    end: z.iso.date().nullable(),
    tags: z
      .array(z.string().min(1, 'a tag has at least 1 character').max(40, 'a tag has at most 40 characters'))
      .max(20, 'a note has at most 20 tags'),
  },
  initial: { status: 'open', priority: 2, assignee: null, start: null, end: null, tags: [] },
  groups: { schedule: ['start', 'end'] },
  onConflict: { priority: 'last-writer-wins', tags: mergeSet },
  check: ({ start, end }) =>
    start !== null && end !== null && end < start
      ? [{ path: 'end', message: 'the end is before the start' }]
      : [],
  text: { body: text() },
  events: (event) => ({
    NoteAssigned: event(z.object({ to: assignee }), (_note, { to }) => ({ assignee: to })),
  }),
  commands: (command) => ({
    assign: command(z.object({ to: assignee }), {
      reads: ['status'],
      decide: (note, { to }) => {
        if (note.status === 'done') return { refused: 'a note that is done is assigned to nobody' };
        return note.assignee === to ? {} : { events: [{ type: 'NoteAssigned', data: { to } }] };
      },
    }),
  }),
});
