import { type Command, defineAggregate, type FieldValues } from '@weft/client/protocol';
import { expect, test } from 'vitest';
import { z } from 'zod';
import type { ExistingAggregate } from './aggregateState.ts';
import { decide } from './decide.ts';
import type { DecideOptions, WriterView } from './decision.ts';
import { evolve } from './evolve.ts';
import { ada, ben, toDecideOptions } from './testSupport/toDecideOptions.ts';

const ticket = defineAggregate('ticket', {
  fields: {
    title: z.string(),
    status: z.enum(['open', 'done']),
    assignee: z.string().nullable(),
    reviewer: z.string().nullable(),
    owner: z.string().nullable(),
    votes: z.number().max(3),
    start: z.number(),
    end: z.number(),
  },
  groups: { schedule: ['start', 'end'] },
  onConflict: {
    reviewer: 'last-writer-wins',
    owner: 'first-writer-wins',
    votes: (was, is, want) => is + want - was,
  },
  check: ({ start, end }) => (end < start ? [{ path: 'end', message: 'ends before it starts' }] : []),
  events: (event) => ({
    TicketAssigned: event(z.object({ to: z.string() }), (_fields, { to }) => ({ assignee: to })),
    TicketReviewed: event(z.object({ by: z.string() }), (_fields, { by }) => ({ reviewer: by })),
    TicketOwned: event(z.object({ by: z.string() }), (_fields, { by }) => ({ owner: by })),
    TicketVoted: event(z.object({}), (fields) => ({ votes: fields.votes + 1 })),
    TicketMoved: event(z.object({ by: z.number() }), (fields, { by }) => ({ start: fields.start + by })),
    TicketSeen: event(z.object({}), () => ({})),
  }),
  commands: (command) => ({
    assign: command(z.object({ to: z.string().min(1) }), {
      reads: ['status'],
      output: z.object({ before: z.string().nullable() }),
      decide: (fields, { to }) => {
        if (fields.status === 'done')
          return { refused: 'it is done', errors: [{ path: 'to', message: 'no' }] };
        const output = { before: fields.assignee };
        return fields.assignee === to
          ? { output }
          : { events: [{ type: 'TicketAssigned', data: { to } }], output };
      },
    }),
    review: command(z.object({}), {
      decide: (_fields, _input, { user }) => ({
        events: [{ type: 'TicketReviewed', data: { by: user.id } }],
      }),
    }),
    own: command(z.object({}), {
      decide: (_fields, _input, { user }) => ({ events: [{ type: 'TicketOwned', data: { by: user.id } }] }),
    }),
    vote: command(z.object({ times: z.number() }), {
      decide: (_fields, { times }) => ({
        events: Array.from({ length: times }, () => ({ type: 'TicketVoted', data: {} })),
      }),
    }),
    move: command(z.object({ by: z.number() }), {
      decide: (_fields, { by }) => ({ events: [{ type: 'TicketMoved', data: { by } }] }),
    }),
    look: command(z.object({}), { decide: () => ({ events: [{ type: 'TicketSeen', data: {} }] }) }),
    spoil: command(z.object({}), {
      decide: (fields) => {
        (fields as { title: string }).title = 'spoilt';
        return {};
      },
    }),
    // What a decision is typed to return is not what it returns here.
    lie: command(z.object({}), {
      decide: () => ({ events: [{ type: 'TicketAssigned', data: { to: 3 as unknown as string } }] }),
    }),
  }),
});

const created = { by: ada, at: '2026-01-01T00:00:00.000Z' };
const later = { by: ben, at: '2026-01-02T00:00:00.000Z' };
const base = {
  title: 'Plan',
  status: 'open',
  assignee: null,
  reviewer: null,
  owner: null,
  votes: 0,
  start: 1,
  end: 5,
} satisfies FieldValues;

function given(changes: FieldValues = {}): ExistingAggregate {
  const made = evolve(
    ticket,
    { status: 'missing' },
    { event: { kind: 'created', fields: base }, touch: created },
  );
  const state = evolve(ticket, made, { event: { kind: 'changed', changes }, touch: later });
  if (state.status !== 'existing') throw new Error('the ticket is not there');
  return state;
}

const sawBase: WriterView = { kind: 'older', seen: base };

function when(state: ExistingAggregate, name: string, input: unknown, options: Partial<DecideOptions> = {}) {
  const command: Command = { kind: 'invoke', name, input };
  return decide(ticket, state, {
    command,
    options: toDecideOptions(options),
  });
}

test('[CMD11] a command appends the events that it decides on, and answers its output', () => {
  expect(when(given(), 'assign', { to: 'ben' })).toEqual({
    outcome: 'accepted',
    events: [{ kind: 'domain', type: 'TicketAssigned', data: { to: 'ben' } }],
    changed: ['assignee'],
    losing: [],
    conflicts: [],
    output: { before: null },
  });
});

test('[CMD11] the fields that a command touches are those that its events change, all together', () => {
  expect(when(given(), 'vote', { times: 2 })).toMatchObject({ changed: ['votes'], events: [{}, {}] });
  expect(when(given(), 'look', {})).toMatchObject({ changed: [], events: [{ type: 'TicketSeen' }] });
});

test('[CMD12] what a command does not take is refused, with where it is wrong', () => {
  expect(when(given(), 'assign', { to: '' })).toMatchObject({
    outcome: 'rejected',
    code: 'invalid-input',
    errors: [{ path: 'to' }],
  });
  expect(when(given(), 'assign', 3)).toMatchObject({ code: 'invalid-input', errors: [{ path: '' }] });
});

test.each(['unassign', 'toString', '__proto__'])('[CMD12] there is no command %j', (name) => {
  expect(when(given(), name, {})).toMatchObject({ outcome: 'rejected', code: 'unknown-command' });
});

test('[CMD12] a command may refuse, with its own words', () => {
  expect(when(given({ status: 'done' }), 'assign', { to: 'ben' })).toMatchObject({
    outcome: 'rejected',
    code: 'refused',
    detail: 'it is done',
    errors: [{ path: 'to', message: 'no' }],
  });
});

test('[CMD13] a newer value of a field that the command changes is a conflict', () => {
  expect(when(given({ assignee: 'cleo' }), 'assign', { to: 'ben' }, { view: sawBase })).toMatchObject({
    outcome: 'conflict',
    conflicts: [{ field: 'assignee', was: null, is: 'cleo', want: 'ben', by: ben }],
    losing: [{ field: 'assignee', was: null, is: 'cleo', want: 'ben', why: 'rejected' }],
  });
});

test('[CMD13] a newer value of a field that the command reads is a conflict, with nothing wanted', () => {
  const wasDone: WriterView = { kind: 'older', seen: { ...base, status: 'done' } };
  const decision = when(given(), 'assign', { to: 'ben' }, { view: wasDone });
  expect(decision).toMatchObject({
    outcome: 'conflict',
    conflicts: [{ field: 'status', was: 'done', is: 'open', by: ada }],
  });
  expect('conflicts' in decision && decision.conflicts[0]).not.toHaveProperty('want');
});

test('[CMD13] newer values that a command neither reads nor changes are merged with', () => {
  expect(when(given({ title: 'Theirs' }), 'assign', { to: 'ben' }, { view: sawBase })).toMatchObject({
    outcome: 'merged',
    changed: ['assignee'],
  });
});

test('[CMD13] [TOK10] the last writer wins with a command, and what gave way is told', () => {
  expect(when(given({ reviewer: 'cleo' }), 'review', {}, { view: sawBase })).toMatchObject({
    outcome: 'merged',
    losing: [{ field: 'reviewer', was: null, is: 'cleo', want: 'ada', kept: 'ada', why: 'overwritten' }],
  });
});

test('[CMD13] where the first writer wins a later command is a conflict, for an event leaves out no field', () => {
  expect(when(given({ owner: 'cleo' }), 'own', {}, { view: sawBase })).toMatchObject({
    outcome: 'conflict',
    conflicts: [{ field: 'owner' }],
  });
});

test('[CMD13] a field with a merge function takes what the command makes of its newest value', () => {
  expect(when(given({ votes: 1 }), 'vote', { times: 1 }, { view: sawBase })).toMatchObject({
    outcome: 'merged',
    losing: [{ field: 'votes', was: 0, is: 1, want: 2, kept: 2, why: 'built-upon' }],
  });
});

test('[CMD13] [TOK8] a newer value in the group of a field that the command changes is a conflict of the group', () => {
  expect(when(given({ end: 9 }), 'move', { by: 1 }, { view: sawBase })).toMatchObject({
    outcome: 'conflict',
    conflicts: [
      { field: 'start', was: 1, is: 1, want: 2 },
      { field: 'end', was: 5, is: 9, want: 5 },
    ],
  });
});

test('[CMD13] setting a field back to what the writer saw overwrites nothing newer', () => {
  const saw: WriterView = { kind: 'older', seen: { ...base, assignee: 'ben' } };
  expect(when(given({ assignee: 'cleo' }), 'assign', { to: 'ben' }, { view: saw })).toMatchObject({
    outcome: 'conflict',
    conflicts: [{ field: 'assignee', was: 'ben', is: 'cleo', want: 'ben' }],
  });
});

test('[CMD13] [TOK3] without a token nothing is detected', () => {
  const view: WriterView = { kind: 'unguarded', seen: undefined };
  expect(when(given({ assignee: 'cleo' }), 'assign', { to: 'ben' }, { view })).toMatchObject({
    outcome: 'accepted',
  });
});

test('[CMD13] [TOK9] [TOK13] an unknown history and a stale exact token stop a command', () => {
  expect(when(given(), 'look', {}, { view: { kind: 'unknown' } })).toMatchObject({
    outcome: 'conflict',
    conflicts: [],
  });
  expect(when(given({ title: 'T' }), 'look', {}, { view: sawBase, exact: true })).toMatchObject({
    outcome: 'conflict',
    conflicts: [{ field: 'title' }],
  });
});

test('[CMD14] a command that decides nothing is accepted and changes nothing', () => {
  expect(when(given({ assignee: 'ben' }), 'assign', { to: 'ben' })).toMatchObject({
    outcome: 'accepted',
    events: [],
    changed: [],
    output: { before: 'ben' },
  });
});

test('[CMD12] what a command makes of the fields is held to their schemas and the invariant', () => {
  expect(when(given(), 'vote', { times: 4 })).toMatchObject({
    code: 'invalid-fields',
    errors: [{ path: 'votes' }],
  });
  expect(when(given(), 'move', { by: 7 })).toMatchObject({
    code: 'invalid-fields',
    errors: [{ path: 'end' }],
  });
});

test('[CMD11] what a decision does to its fields does not reach the aggregate', () => {
  const state = given();
  when(state, 'spoil', {});
  expect(state.fields.title).toBe('Plan');
});

test('[CMD11] an event that is not as it was declared is the fault of the definition', () => {
  expect(() => when(given(), 'lie', {})).toThrow('not as it declares it');
});
