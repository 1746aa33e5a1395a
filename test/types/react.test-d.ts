import type {
  AggregateHandle,
  ChangeResult,
  Client,
  ConnectionState,
  ListState,
  OpenConflict,
  SaveState,
  TextHandle,
} from '@weft/client';
import { defineAggregate, richText } from '@weft/client/protocol';
import {
  type AggregateView,
  type DraftRejection,
  type DraftResult,
  type DraftView,
  type LateRefusal,
  type FieldView,
  useAggregate,
  useConflicts,
  useConnection,
  useDraft,
  useField,
  useList,
  useSaveState,
  useText,
  useWeft,
  WeftProvider,
} from '@weft/client/react';
import { createElement, type FocusEventHandler } from 'react';
import { expectTypeOf, test } from 'vitest';
import { z } from 'zod';
import { note } from '../../examples/notes/note.ts';

type Note = typeof note;

const page = defineAggregate('page', { fields: { name: z.string() }, text: { content: richText() } });

type Page = typeof page;
type Weft = Client<readonly [Note, Page]>;

declare const weft: Weft;
declare const handle: AggregateHandle<Note>;
declare const pageHandle: AggregateHandle<Page> | undefined;

test('[REA1] useAggregate has what a handle has, and lacks the handle only while it is loading', () => {
  const read = () => useAggregate(note, 'n1');
  expectTypeOf(read).returns.toEqualTypeOf<AggregateView<Note>>();
  const state = {} as ReturnType<typeof read>;
  expectTypeOf(state.handle).toEqualTypeOf<AggregateHandle<Note> | undefined>();
  expectTypeOf(state.conflicts).toEqualTypeOf<readonly OpenConflict<Note>[]>();
  if (state.status === 'loading') return;
  expectTypeOf(state.handle).toEqualTypeOf<AggregateHandle<Note>>();
  if (state.status !== 'existing') return;
  expectTypeOf(state.fields.priority).toEqualTypeOf<number>();
});

test('[REA2] useField has the type of its field, and sets no other', () => {
  const status = {} as FieldView<Note, 'status'>;
  expectTypeOf(() => useField(handle, 'status')).returns.toEqualTypeOf<typeof status>();
  expectTypeOf(status.value).toEqualTypeOf<'open' | 'in-progress' | 'done' | undefined>();
  expectTypeOf(status.set).parameter(0).toEqualTypeOf<'open' | 'in-progress' | 'done'>();
  expectTypeOf(status.set).returns.toEqualTypeOf<Promise<ChangeResult<Note>>>();
  expectTypeOf(status.conflict).toEqualTypeOf<OpenConflict<Note> | undefined>();
  expectTypeOf(() => useField(pageHandle, 'name').value).returns.toEqualTypeOf<string | undefined>();
  // @ts-expect-error there is no field of this name
  const wrong = () => useField(handle, 'headline');
  expectTypeOf(wrong).toBeFunction();
});

test('[REA5] useDraft has the type of its field, and controls take what it gives as it is', () => {
  const start = {} as DraftView<Note, 'start'>;
  expectTypeOf(() => useDraft(handle, 'start')).returns.toEqualTypeOf<typeof start>();
  expectTypeOf(start.value).toEqualTypeOf<string | null | undefined>();
  expectTypeOf(start.edit).parameters.toEqualTypeOf<[string | null]>();
  expectTypeOf(start.set).parameters.toEqualTypeOf<[string | null]>();
  expectTypeOf(start.set).returns.toEqualTypeOf<Promise<DraftResult<Note>>>();
  expectTypeOf(start.rejection).toEqualTypeOf<DraftRejection | undefined>();
  expectTypeOf(start.commit).toExtend<FocusEventHandler>();
  expectTypeOf(() => useDraft(pageHandle, 'name').value).returns.toEqualTypeOf<string | undefined>();
  const withOptions = () =>
    useDraft(handle, 'priority', {
      onLeave: 'drop',
      onRefused: (refusal, value) => {
        expectTypeOf(refusal).toEqualTypeOf<LateRefusal<Note>>();
        expectTypeOf(value).toEqualTypeOf<number>();
      },
    });
  expectTypeOf(withOptions).returns.toEqualTypeOf<DraftView<Note, 'priority'>>();
  // @ts-expect-error there is no field of this name
  const wrong = () => useDraft(handle, 'headline');
  expectTypeOf(wrong).toBeFunction();
});

test('useText has a text of the kind that the definition says', () => {
  expectTypeOf(() => useText(handle, 'body').text).returns.toEqualTypeOf<TextHandle | undefined>();
  expectTypeOf(() => useText(pageHandle, 'content').text).returns.toEqualTypeOf<
    TextHandle<'rich-text'> | undefined
  >();
  // @ts-expect-error there is no text of this name
  const wrong = () => useText(pageHandle, 'name');
  expectTypeOf(wrong).toBeFunction();
});

test('the other hooks have the types of what they read', () => {
  expectTypeOf(() => useConflicts(pageHandle)).returns.toEqualTypeOf<readonly OpenConflict<Page>[]>();
  expectTypeOf(() => useList(note)).returns.toEqualTypeOf<ListState<Note>>();
  expectTypeOf(() => useSaveState()).returns.toEqualTypeOf<SaveState>();
  expectTypeOf(() => useSaveState(pageHandle)).returns.toEqualTypeOf<SaveState>();
  expectTypeOf(() => useConnection()).returns.toEqualTypeOf<ConnectionState>();
});

test('useList has the items of its definition', () => {
  expectTypeOf(() => useList(page)).returns.toEqualTypeOf<ListState<Page>>();
});

test('useWeft has the types of the definitions that it is given, or those of one’s own client', () => {
  expectTypeOf(() => useWeft().open(note, 'n1')).returns.toEqualTypeOf<AggregateHandle<Note>>();
  expectTypeOf(() => useWeft<Weft>().note('n1')).returns.toEqualTypeOf<AggregateHandle<Note>>();
  expectTypeOf(() => createElement(WeftProvider, { client: weft })).toBeFunction();
});
