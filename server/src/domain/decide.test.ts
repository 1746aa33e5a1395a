import { type Command, type FieldValues, mergeSet } from '@weft/client/protocol';
import { defineAggregate } from '@weft/client/protocol';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import type { AggregateState, ExistingAggregate } from './aggregateState.ts';
import { decide } from './decide.ts';
import type { DecideOptions, WriterView } from './decision.ts';
import { evolve } from './evolve.ts';
import { ada, ben, toDecideOptions } from './testSupport/toDecideOptions.ts';

const task = defineAggregate('task', {
  fields: {
    title: z.string().min(1),
    state: z.string(),
    priority: z.number(),
    owner: z.string().nullable(),
    start: z.number().nullable(),
    end: z.number().nullable(),
    tags: z.array(z.string()).max(4),
    place: z.object({ city: z.string().optional(), room: z.string().optional() }),
  },
  initial: { state: 'open', priority: 2, owner: null, start: null, end: null, tags: [], place: {} },
  groups: { schedule: ['start', 'end'] },
  onConflict: { priority: 'last-writer-wins', owner: 'first-writer-wins', tags: mergeSet },
  check: ({ start, end }) =>
    start !== null && end !== null && end < start ? [{ path: 'end', message: 'ends before it starts' }] : [],
});

const created = { by: ada, at: '2026-01-01T00:00:00.000Z' };
const later = { by: ben, at: '2026-01-02T00:00:00.000Z' };

const base: FieldValues = {
  title: 'Plan',
  state: 'open',
  priority: 2,
  owner: null,
  start: 1,
  end: 5,
  tags: ['a'],
  place: { city: 'Rome', room: '1' },
};

/** A task as Ada made it, after Ben made some changes. */
function given(changes: FieldValues = {}): ExistingAggregate {
  const made = evolve(
    task,
    { status: 'missing' },
    { event: { kind: 'created', fields: base }, touch: created },
  );
  const state = evolve(task, made, { event: { kind: 'changed', changes }, touch: later });
  if (state.status !== 'existing') throw new Error('the task is not there');
  return state;
}

const sawBase: WriterView = { kind: 'older', seen: base };
const saidNothing: WriterView = { kind: 'unguarded', seen: undefined };

function when(state: AggregateState, command: Command, options: Partial<DecideOptions> = {}) {
  return decide(task, state, {
    command,
    options: toDecideOptions(options),
  });
}

function change(patch: FieldValues): Command {
  return { kind: 'change', patch };
}

describe('a change', () => {
  test('[TOK3] without a token is applied over anything newer', () => {
    const decision = when(given({ title: 'Theirs' }), change({ title: 'Mine' }), { view: saidNothing });
    expect(decision).toMatchObject({ outcome: 'accepted', events: [{ changes: { title: 'Mine' } }] });
  });

  test('[TOK4] [CMD4] with the current token is accepted, with one event of the fields that change', () => {
    expect(when(given(), change({ title: 'Mine', state: 'open' }))).toEqual({
      outcome: 'accepted',
      events: [{ kind: 'changed', changes: { title: 'Mine' } }],
      changed: ['title'],
      losing: [],
      conflicts: [],
    });
  });

  test('[CMD4] that changes nothing has no event', () => {
    expect(when(given(), change({ title: 'Plan' }))).toMatchObject({
      outcome: 'accepted',
      events: [],
      changed: [],
    });
  });

  test('[TOK5] with an older token on other fields is merged', () => {
    const decision = when(given({ state: 'done' }), change({ title: 'Mine' }), { view: sawBase });
    expect(decision).toMatchObject({ outcome: 'merged', changed: ['title'] });
  });

  test('[TOK6] to the value that is there is no conflict, however old the token', () => {
    const decision = when(given({ title: 'Same' }), change({ title: 'Same' }), { view: sawBase });
    expect(decision).toMatchObject({ outcome: 'merged', events: [], changed: [] });
  });

  test('[TOK7] of a field that somebody else changed is a conflict that says who and when', () => {
    const decision = when(given({ title: 'Theirs' }), change({ title: 'Mine', state: 'done' }), {
      view: sawBase,
    });
    expect(decision).toEqual({
      outcome: 'conflict',
      conflicts: [{ field: 'title', was: 'Plan', is: 'Theirs', want: 'Mine', by: ben, at: later.at }],
      losing: [
        { field: 'title', was: 'Plan', is: 'Theirs', want: 'Mine', why: 'rejected', by: ben, at: later.at },
        { field: 'state', was: 'open', is: 'open', want: 'done', why: 'rejected', by: ada, at: created.at },
      ],
    });
  });

  test('[TOK15] to the value that its writer saw asks for no change and leaves the newer one', () => {
    const decision = when(given({ title: 'Theirs' }), change({ title: 'Plan', state: 'done' }), {
      view: sawBase,
    });
    expect(decision).toMatchObject({ outcome: 'merged', changed: ['state'], losing: [] });
  });

  test('[TOK8] of a group of which another field changed is a conflict of the whole group', () => {
    const decision = when(given({ end: 7 }), change({ start: 3, title: 'Mine' }), { view: sawBase });
    expect(decision).toMatchObject({
      outcome: 'conflict',
      conflicts: [
        { field: 'start', was: 1, is: 1, want: 3, by: ada },
        { field: 'end', was: 5, is: 7, want: 5, by: ben },
      ],
    });
  });

  test('[TOK8] of a group that nobody changed is no conflict', () => {
    const decision = when(given({ title: 'Theirs' }), change({ start: 3 }), { view: sawBase });
    expect(decision).toMatchObject({ outcome: 'merged', changed: ['start'] });
  });

  test('[TOK8] [TOK14] of a group in conflict is applied in no part, also where handling is lenient', () => {
    const decision = when(given({ end: 7 }), change({ start: 3, title: 'Mine' }), {
      view: sawBase,
      handling: 'lenient',
    });
    expect(decision).toMatchObject({
      outcome: 'partial',
      changed: ['title'],
      events: [{ changes: { title: 'Mine' } }],
    });
  });

  test('[TOK14] of nothing but conflicts is a conflict also where handling is lenient', () => {
    const decision = when(given({ title: 'Theirs' }), change({ title: 'Mine' }), {
      view: sawBase,
      handling: 'lenient',
    });
    expect(decision).toMatchObject({ outcome: 'conflict', conflicts: [{ field: 'title' }] });
  });

  test('[TOK10] last-writer-wins stores what is asked and says what gave way', () => {
    const decision = when(given({ priority: 3 }), change({ priority: 4 }), { view: sawBase });
    expect(decision).toMatchObject({
      outcome: 'merged',
      changed: ['priority'],
      losing: [{ field: 'priority', was: 2, is: 3, want: 4, kept: 4 }],
    });
  });

  test('[TOK10] first-writer-wins leaves what is there and says what gave way', () => {
    const decision = when(given({ owner: 'ben' }), change({ owner: 'ada' }), { view: sawBase });
    expect(decision).toMatchObject({
      outcome: 'merged',
      changed: [],
      losing: [{ field: 'owner', was: null, is: 'ben', want: 'ada', kept: 'ben' }],
    });
  });

  test('[TOK10] a merge function decides the value', () => {
    const decision = when(given({ tags: ['a', 'b'] }), change({ tags: ['c'] }), { view: sawBase });
    expect(decision).toMatchObject({ outcome: 'merged', events: [{ changes: { tags: ['b', 'c'] } }] });
  });

  test('[TOK10] [CMD3] a merged value that its schema refuses is refused', () => {
    const decision = when(given({ tags: ['a', 'b', 'c'] }), change({ tags: ['a', 'd', 'e'] }), {
      view: sawBase,
    });
    expect(decision).toMatchObject({
      outcome: 'rejected',
      code: 'invalid-fields',
      errors: [{ path: 'tags' }],
    });
  });

  test('[TOK11] values are equal whatever the order of their keys', () => {
    const reordered = { room: '1', city: 'Rome' };
    const decision = when(given({ place: reordered }), change({ place: { city: 'Oslo' } }), {
      view: sawBase,
    });
    expect(decision).toMatchObject({ outcome: 'accepted', changed: ['place'] });
  });

  test('[TOK12] values that the writer says it saw are judged without a token', () => {
    const view: WriterView = { kind: 'unguarded', seen: { title: 'Plan' } };
    expect(when(given({ title: 'Theirs' }), change({ title: 'Mine' }), { view })).toMatchObject({
      outcome: 'conflict',
    });
    expect(when(given({ state: 'done' }), change({ title: 'Mine' }), { view })).toMatchObject({
      outcome: 'accepted',
    });
  });

  test('[TOK9] on an unknown history is a conflict without fields', () => {
    expect(when(given(), change({ title: 'Mine' }), { view: { kind: 'unknown' } })).toEqual({
      outcome: 'conflict',
      conflicts: [],
      losing: [{ field: 'title', is: 'Plan', want: 'Mine', why: 'rejected', by: ada, at: created.at }],
    });
  });

  test('[TOK13] with an exact token is stopped by anything newer', () => {
    const decision = when(given({ state: 'done' }), change({ title: 'Mine' }), {
      view: sawBase,
      exact: true,
    });
    expect(decision).toMatchObject({
      outcome: 'conflict',
      conflicts: [{ field: 'state', was: 'open', is: 'done' }],
    });
  });

  test('[CMD3] is a merge patch: null takes a member out of a nested value', () => {
    const decision = when(given(), change({ place: { room: null, city: 'Oslo' } }));
    expect(decision).toMatchObject({ events: [{ changes: { place: { city: 'Oslo' } } }] });
  });

  test('[CMD3] with an unknown field or a bad value is refused with the path of each fault', () => {
    expect(when(given(), change({ titel: 'x', title: '', place: { city: 3 } }))).toMatchObject({
      outcome: 'rejected',
      code: 'invalid-fields',
      errors: [{ path: 'titel' }, { path: 'title' }, { path: 'place.city' }],
    });
  });

  test('[CMD3] [CMD6] that breaks the invariant together with what is there is refused', () => {
    const decision = when(given({ end: 2 }), change({ start: 4 }), { view: saidNothing });
    expect(decision).toMatchObject({
      outcome: 'rejected',
      code: 'invalid-fields',
      errors: [{ path: 'end' }],
    });
  });

  test.each([['missing', 'not-found'] as const, ['deleted', 'deleted'] as const])(
    '[CMD5] of a %s aggregate is refused as %s',
    (status, code) => {
      const state: AggregateState = status === 'missing' ? { status } : { status, ...later };
      expect(when(state, change({ title: 'Mine' }))).toMatchObject({ outcome: 'rejected', code });
    },
  );
});

describe('a creation', () => {
  const create = (fields: FieldValues): Command => ({ kind: 'create', fields });
  const missing: AggregateState = { status: 'missing' };

  test('[CMD1] fills what was not given', () => {
    expect(when(missing, create({ title: 'New', priority: 1 }))).toMatchObject({
      outcome: 'accepted',
      events: [{ kind: 'created', fields: { ...task.initial, title: 'New', priority: 1 } }],
    });
  });

  test('[CMD1] without a required field is refused', () => {
    expect(when(missing, create({ priority: 1 }))).toMatchObject({
      code: 'invalid-fields',
      errors: [{ path: 'title', message: 'is required' }],
    });
  });

  test('[CMD1] [CMD3] with bad values or a broken invariant is refused', () => {
    expect(when(missing, create({ title: '' }))).toMatchObject({ errors: [{ path: 'title' }] });
    expect(when(missing, create({ title: 'x', start: 2, end: 1 }))).toMatchObject({
      errors: [{ path: 'end' }],
    });
  });

  test('[CMD2] of what exists or was deleted is refused', () => {
    expect(when(given(), create({ title: 'New' }))).toMatchObject({ code: 'already-exists' });
    expect(when({ status: 'deleted', ...later }, create({ title: 'New' }))).toMatchObject({
      code: 'deleted',
    });
  });
});

describe('a deletion', () => {
  test('[CMD5] on what its writer saw is accepted', () => {
    expect(when(given(), { kind: 'delete' })).toMatchObject({
      outcome: 'accepted',
      events: [{ kind: 'deleted' }],
    });
  });

  test('[CMD5] conflicts on every field that changed since', () => {
    const decision = when(given({ title: 'Theirs', end: 9 }), { kind: 'delete' }, { view: sawBase });
    expect(decision).toEqual({
      outcome: 'conflict',
      conflicts: [
        { field: 'title', was: 'Plan', is: 'Theirs', by: ben, at: later.at },
        { field: 'end', was: 5, is: 9, by: ben, at: later.at },
      ],
      losing: [],
    });
  });

  test('[TOK13] with an exact token is stopped by anything newer, even if nothing differs', () => {
    expect(when(given(), { kind: 'delete' }, { view: sawBase, exact: true })).toMatchObject({
      outcome: 'conflict',
    });
  });
});
