import { createClient } from '@weft/client';
import { defineAggregate } from '@weft/client/protocol';
import { expectTypeOf, test } from 'vitest';
import { z } from 'zod';
import type { Choose } from '../../client-sdk/src/conflictDefaults/resolveByFunction.ts';
import type { Resolver } from '../../client-sdk/src/conflictDefaults/resolvers.ts';
import { note } from '../../examples/notes/note.ts';

const task = defineAggregate('task', { fields: { effort: z.number() }, initial: { effort: 0 } });

const url = 'http://localhost:8080';

test('[HAN13] a default resolver has the types of its field', () => {
  const read = () =>
    createClient({
      url,
      aggregates: [note, task],
      resolvers: {
        note: {
          title: ({ field, was, is, want, by, at }) => {
            expectTypeOf(field).toEqualTypeOf<'title'>();
            expectTypeOf(is).toEqualTypeOf<string>();
            expectTypeOf(was).toEqualTypeOf<string | undefined>();
            expectTypeOf(by?.name).toEqualTypeOf<string | undefined>();
            expectTypeOf(at).toEqualTypeOf<string | undefined>();
            return want === undefined ? undefined : { value: `${is} / ${want}` };
          },
          status: ({ want }) => (want === 'done' ? 'mine' : 'theirs'),
        },
        task: { effort: ({ is, want = 0 }) => ({ value: Math.max(is, want) }) },
      },
    });
  expectTypeOf(read).toBeFunction();
});

test('[HAN13] a default resolver is optional, for an aggregate and for a field', () => {
  const read = () => [
    createClient({ url, aggregates: [note, task], resolvers: {} }),
    createClient({ url, aggregates: [note, task], resolvers: { note: {} } }),
    createClient({ url, aggregates: [note, task], resolvers: { task: undefined } }),
  ];
  expectTypeOf(read).toBeFunction();
});

test('[HAN13] a default resolver of a wrong name or answer is a compile error', () => {
  const wrong = () => {
    // @ts-expect-error there is no aggregate 'notes'
    createClient({ url, aggregates: [note], resolvers: { notes: {} } });
    // @ts-expect-error there is no field 'titel'
    createClient({ url, aggregates: [note], resolvers: { note: { titel: () => 'mine' } } });
    // @ts-expect-error a text has no conflicts
    createClient({ url, aggregates: [note], resolvers: { note: { body: () => 'mine' } } });
    // @ts-expect-error it is 'mine' or 'theirs'
    createClient({ url, aggregates: [note], resolvers: { note: { title: () => 'ours' } } });
    // @ts-expect-error there is no status 'finished'
    createClient({ url, aggregates: [note], resolvers: { note: { status: () => ({ value: 'finished' }) } } });
    // @ts-expect-error an answer is there at once
    createClient({ url, aggregates: [note], resolvers: { note: { title: async () => 'mine' } } });
  };
  expectTypeOf(wrong).toBeFunction();
});

test('[HAN13] a resolver can be written by itself', () => {
  expectTypeOf<Resolver<typeof note, 'priority'>>().returns.toEqualTypeOf<
    'mine' | 'theirs' | { readonly value: number } | undefined
  >();
});

test('[HAN13] a function that resolves a conflict knows its fields, and answers like a person', () => {
  const choose = (choose: Choose<typeof note>) => choose;
  expectTypeOf(choose).toBeCallableWith((fields) => {
    const [first] = fields;
    if (first?.field === 'priority') return { priority: first.is + (first.want ?? 0) };
    return fields.length > 1 ? 'theirs' : 'mine';
  });
  const wrong = () => [
    // @ts-expect-error there is no field 'titel'
    choose(() => ({ titel: 'Both' })),
    // @ts-expect-error it is 'mine' or 'theirs'
    choose(() => 'ours'),
    // @ts-expect-error it answers at once
    choose(async () => 'mine' as const),
  ];
  expectTypeOf(wrong).toBeFunction();
});
