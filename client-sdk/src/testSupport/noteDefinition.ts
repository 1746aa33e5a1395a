import { z } from 'zod';
import { richText, text } from '../../protocol/aggregateDefinition.ts';
import { defineAggregate } from '../../protocol/defineAggregate.ts';
import { mergeSet } from '../../protocol/merges/mergeSet.ts';

/** A field of each kind that the client treats differently: trimmed, plain, grouped, merging, and an object. */
export const note = defineNote({ markRemarks: false });

/** The note of a server that was deployed after its clients: what marks a note touches a field that they do not know of. */
export const newerNote = defineNote({ markRemarks: true });

function defineNote({ markRemarks }: { readonly markRemarks: boolean }) {
  return defineAggregate('note', {
    fields: {
      title: z.string().trim().min(1),
      status: z.enum(['open', 'done']),
      start: z.string().nullable(),
      end: z.string().nullable(),
      tags: z.array(z.string()),
      place: z.object({ room: z.string().optional(), floor: z.number().optional() }),
      remark: z.string(),
    },
    initial: { status: 'open', start: null, end: null, tags: [], place: {}, remark: '' },
    groups: { schedule: ['start', 'end'] },
    onConflict: { tags: mergeSet },
    text: { body: text(), summary: text(), outline: richText() },
    events: (event) => ({
      NoteClosed: event(z.object({ tag: z.string() }), ({ tags }, { tag }) => ({
        status: 'done',
        tags: [...tags, tag],
      })),
      NoteScheduled: event(z.object({ start: z.string(), end: z.string() }), (_note, times) => times),
      NoteMarked: event(z.object({}), ({ remark }) => ({
        status: 'done',
        ...(markRemarks && { remark: `${remark}, marked` }),
      })),
    }),
    commands: (command) => ({
      /** Depends on the title, and answers how many tags there are then. */
      close: command(z.object({ tag: z.string().min(1) }), {
        reads: ['title'],
        output: z.object({ tags: z.number() }),
        decide: ({ status, tags }, { tag }) =>
          status === 'done'
            ? { refused: 'is done already' }
            : { events: [{ type: 'NoteClosed', data: { tag } }], output: { tags: tags.length + 1 } },
      }),
      /** Makes what only the server knows for sure. */
      stamp: command(z.object({}), {
        reads: ['title'],
        decide: ({ title }, _input, { at, user }) => ({
          events: [{ type: 'NoteScheduled', data: { start: at, end: `${title} by ${user.name}` } }],
        }),
      }),
      /** Two events. */
      finish: command(z.object({ at: z.string() }), {
        decide: (_note, { at }) => ({
          events: [
            { type: 'NoteScheduled', data: { start: at, end: at } },
            { type: 'NoteClosed', data: { tag: 'finished' } },
          ],
        }),
      }),
      /** Two events, of the same fields. */
      reschedule: command(z.object({ at: z.string() }), {
        decide: (_note, { at }) => ({
          events: [
            { type: 'NoteScheduled', data: { start: 'cleared', end: 'cleared' } },
            { type: 'NoteScheduled', data: { start: at, end: at } },
          ],
        }),
      }),
      /** Touches one field more on a newer server. */
      mark: command(z.object({}), { decide: () => ({ events: [{ type: 'NoteMarked', data: {} }] }) }),
      /** Has faults: it changes what it is given, and throws. */
      break: command(z.object({}), {
        decide: ({ tags }) => {
          tags.push('a fault');
          throw new Error('the definition has a fault');
        },
      }),
    }),
  });
}

/** All fields of a note, as the server would have them. */
export const FIELDS = {
  title: 'Plan',
  status: 'open',
  start: null,
  end: null,
  tags: [],
  place: {},
  remark: '',
} as const;
