import {
  type AggregateDefinition,
  type CreateFieldsOf,
  defineAggregate,
  type FieldsOf,
  richText,
  text,
  type TextField,
  type TextKind,
  type TextKindOf,
  type TextOf,
} from '@weft/client/protocol';
import { expectTypeOf, test } from 'vitest';
import { z } from 'zod';
import type { note } from '../../examples/notes/note.ts';

type Note = typeof note;

const page = defineAggregate('page', { fields: {}, text: { body: richText(), summary: text() } });
const bare = defineAggregate('bare', { fields: {} });

test('fields are inferred from their schemas', () => {
  expectTypeOf<FieldsOf<Note>['title']>().toEqualTypeOf<string>();
  expectTypeOf<FieldsOf<Note>['status']>().toEqualTypeOf<'open' | 'in-progress' | 'done'>();
  expectTypeOf<FieldsOf<Note>['assignee']>().toEqualTypeOf<string | null>();
  expectTypeOf<FieldsOf<Note>['tags']>().toEqualTypeOf<string[]>();
  expectTypeOf<TextOf<Note>>().toEqualTypeOf<'body'>();
});

test('[RIC3] texts are inferred with their kinds', () => {
  type Page = typeof page;
  expectTypeOf<TextOf<Page>>().toEqualTypeOf<'body' | 'summary'>();
  expectTypeOf<TextKindOf<Page, 'body'>>().toEqualTypeOf<'rich-text'>();
  expectTypeOf<TextKindOf<Page, 'summary'>>().toEqualTypeOf<'text'>();
  expectTypeOf<Page['text']['body']>().toEqualTypeOf<TextField<'rich-text'>>();
  expectTypeOf<TextField['kind']>().toEqualTypeOf<TextKind>();
  expectTypeOf(page).toExtend<AggregateDefinition>();
  expectTypeOf(bare).toExtend<AggregateDefinition>();
  expectTypeOf<TextOf<typeof bare>>().toBeNever();
});

test('creation asks for the fields that have no initial value', () => {
  expectTypeOf<{ title: string }>().toExtend<CreateFieldsOf<Note>>();
  expectTypeOf<{ title: string; priority: number }>().toExtend<CreateFieldsOf<Note>>();
  expectTypeOf<{ priority: number }>().not.toExtend<CreateFieldsOf<Note>>();
});

test('a wrong name in a definition is a compile error', () => {
  const fields = { title: z.string(), due: z.string().nullable() };
  // @ts-expect-error there is no field 'titel'
  defineAggregate('task', { fields, initial: { titel: 'x' } });
  // @ts-expect-error there is no field 'ends'
  defineAggregate('task', { fields, groups: { schedule: ['due', 'ends'] } });
  // @ts-expect-error there is no field 'prio'
  defineAggregate('task', { fields, onConflict: { prio: 'last-writer-wins' } });
  // @ts-expect-error an initial value has its field's type
  defineAggregate('task', { fields, initial: { due: 3 } });
  // @ts-expect-error a merge function has its field's type
  defineAggregate('task', { fields, onConflict: { title: (was: number) => was } });
  // @ts-expect-error check sees the fields' types
  defineAggregate('task', { fields, check: (task) => (task.title > 3 && task.nothing ? [] : []) });
  defineAggregate('task', { fields, initial: { due: null }, text: { body: text() } });
});
