import {
  type AggregateHandle,
  type ChangeResult,
  createClient,
  type HandleState,
  type ListHandle,
  type OpenConflict,
  type RescueCopy,
  type TextHandle,
} from '@weft/client';
import { type AggregateDefinition, defineAggregate, richText, text } from '@weft/client/protocol';
import { expectTypeOf, test } from 'vitest';
import type * as Y from 'yjs';
import { z } from 'zod';
import { note } from '../../examples/notes/note.ts';

type Note = typeof note;
type Status = 'open' | 'in-progress' | 'done';

const task = defineAggregate('task', { fields: { effort: z.number() }, initial: { effort: 0 } });

const page = defineAggregate('page', { fields: {}, text: { body: richText(), summary: text() } });

const job = defineAggregate('job', {
  fields: { title: z.string(), done: z.boolean() },
  initial: { done: false },
  events: (event) => ({ JobClosed: event(z.object({ why: z.string() }), () => ({ done: true })) }),
  commands: (command) => ({
    close: command(z.object({ why: z.string() }), {
      output: z.object({ wasDone: z.boolean() }),
      decide: ({ done }, data) => ({
        events: [{ type: 'JobClosed', data }],
        output: { wasDone: done },
      }),
    }),
    touch: command(z.object({}), { decide: () => ({}) }),
  }),
});

const connect = () => createClient({ url: 'http://localhost:8080', aggregates: [note, task, job, page] });

declare const client: ReturnType<typeof connect>;
declare const handle: AggregateHandle<Note>;
declare const pageHandle: AggregateHandle<typeof page>;
declare const jobHandle: AggregateHandle<typeof job>;
declare const state: HandleState<Note>;
declare const conflict: OpenConflict<Note>;

test('[DEF2] a client has a function for each definition, by its name', () => {
  expectTypeOf(connect).returns.toEqualTypeOf<typeof client>();
  expectTypeOf(client.note).returns.toEqualTypeOf<AggregateHandle<Note>>();
  expectTypeOf(client.task).returns.toEqualTypeOf<AggregateHandle<typeof task>>();
  expectTypeOf(() => client.list('note')).returns.toEqualTypeOf<ListHandle<Note>>();
  expectTypeOf(() => client.list(note)).returns.toEqualTypeOf<ListHandle<Note>>();
  const wrong = () => {
    // @ts-expect-error there is no aggregate 'notes'
    client.list('notes');
  };
  expectTypeOf(wrong).toBeFunction();
  expectTypeOf(client).not.toHaveProperty('notes');
});

test('[DEF2] a handle has the fields of its definition', () => {
  expectTypeOf<AggregateHandle<Note>['aggregate']>().toEqualTypeOf<'note'>();
  expectTypeOf<AggregateHandle<Note>['fields']['title']>().toEqualTypeOf<string | undefined>();
  expectTypeOf<AggregateHandle<Note>['fields']['status']>().toEqualTypeOf<Status | undefined>();
  expectTypeOf<AggregateHandle<Note>['fields']>().not.toHaveProperty('titel');
});

test('[DEF2] an existing state has every field; others have none', () => {
  const read = () => {
    expectTypeOf(state).not.toHaveProperty('fields');
    if (state.status !== 'existing') return undefined;
    expectTypeOf(state.fields.assignee).toEqualTypeOf<string | null>();
    expectTypeOf(state.confirmed).toEqualTypeOf<typeof state.fields | undefined>();
    // @ts-expect-error a state is not to be changed
    state.fields.title = 'B';
    return state.pending;
  };
  expectTypeOf(read)
    .returns.exclude<undefined>()
    .items.toExtend<keyof NonNullable<Note['inferred']>['fields']>();
});

test('[DEF2] creation asks for the fields that have no initial value', () => {
  expectTypeOf(handle.create).toBeCallableWith({ title: 'A' });
  expectTypeOf(handle.create).toBeCallableWith({ title: 'A', priority: 1 });
  const wrong = () => [
    // @ts-expect-error the title is required
    handle.create({ priority: 1 }),
    // @ts-expect-error there is no field 'titel'
    handle.create({ title: 'A', titel: 'B' }),
  ];
  expectTypeOf(wrong).toBeFunction();
});

test('[DEF2] a change with a wrong name or value is a compile error', () => {
  expectTypeOf(handle.change).toBeCallableWith({ status: 'done' }, { seen: state });
  const wrong = () => [
    // @ts-expect-error there is no field 'titel'
    handle.change({ titel: 'B' }),
    // @ts-expect-error there is no status 'finished'
    handle.change({ status: 'finished' }),
    // @ts-expect-error a title is never undefined
    handle.change({ title: undefined }),
    // @ts-expect-error texts are not fields
    handle.change({ body: 'B' }),
  ];
  expectTypeOf(wrong).toBeFunction();
});

test('[DEF2] [HAN12] a command takes what its schema says, and answers so', () => {
  const read = async () => {
    const closed = await jobHandle.run('close', { why: 'is done' }, { seen: jobHandle.peek() });
    if (closed.outcome === 'accepted') {
      expectTypeOf(closed.output).toEqualTypeOf<{ wasDone: boolean }>();
      expectTypeOf(closed.fields.title).toEqualTypeOf<string>();
    }
    if (closed.outcome === 'queued') {
      const settled = await closed.settled;
      if (settled.outcome === 'merged') expectTypeOf(settled.output.wasDone).toEqualTypeOf<boolean>();
    }
    if (closed.outcome === 'conflict') {
      expectTypeOf(closed.conflict.command).toEqualTypeOf<'close' | 'touch' | undefined>();
    }
    const touched = await jobHandle.run('touch', {});
    if (touched.outcome === 'accepted') expectTypeOf(touched).not.toHaveProperty('output');
    const changed = await jobHandle.change({ done: true });
    if (changed.outcome === 'accepted') expectTypeOf(changed).not.toHaveProperty('output');
  };
  expectTypeOf(read).toBeFunction();
});

test('[DEF2] [HAN12] a command with a wrong name or input is a compile error', () => {
  const wrong = (other: AggregateHandle<typeof task>) => [
    // @ts-expect-error there is no command 'clos'
    jobHandle.run('clos', { why: '' }),
    // @ts-expect-error the input is of another type
    jobHandle.run('close', { why: 1 }),
    // @ts-expect-error there is no input
    jobHandle.run('close'),
    // @ts-expect-error that is another command's input
    jobHandle.run('close', {}),
    // @ts-expect-error a task has no commands
    other.run('close', { why: '' }),
  ];
  expectTypeOf(wrong).toBeFunction();
});

test('[DEF2] only the text fields of the definition can be opened', () => {
  expectTypeOf(handle.text).parameter(0).toEqualTypeOf<'body'>();
  expectTypeOf(handle.text).returns.toEqualTypeOf<TextHandle>();
  const noText = (other: AggregateHandle<typeof task>) => {
    // @ts-expect-error a task has no text
    other.text('body');
  };
  expectTypeOf(noText).toBeFunction();
});

test('[RIC3] a text has the root type that its definition says, and no other', () => {
  const read = () => {
    const body = pageHandle.text('body', { epoch: 'e1' });
    expectTypeOf(body).toEqualTypeOf<TextHandle<'rich-text'>>();
    expectTypeOf(body.yxml).toEqualTypeOf<Y.XmlFragment>();
    expectTypeOf(body).not.toHaveProperty('ytext');
    const summary = pageHandle.text('summary');
    expectTypeOf(summary).toEqualTypeOf<TextHandle>();
    expectTypeOf(summary.ytext).toEqualTypeOf<Y.Text>();
    expectTypeOf(summary).not.toHaveProperty('yxml');
    // @ts-expect-error a page has no text 'title'
    pageHandle.text('title');
  };
  expectTypeOf(read).toBeFunction();
});

test('[RIC3] a text of whatever definition has one root type or the other', () => {
  const read = (any: AggregateHandle<AggregateDefinition>) => {
    const body = any.text('body');
    expectTypeOf(body).toEqualTypeOf<TextHandle<'text' | 'rich-text'>>();
    expectTypeOf(body).not.toHaveProperty('ytext');
    return 'yxml' in body ? body.yxml : body.ytext;
  };
  expectTypeOf(read).returns.toEqualTypeOf<Y.XmlFragment | Y.Text>();
});

test('[EPO4] a text in any state may have a rescue copy', () => {
  const read = (body: TextHandle) => {
    const state = body.peek();
    expectTypeOf(state.epoch).toEqualTypeOf<string | undefined>();
    return state.rescue;
  };
  expectTypeOf(read).returns.toEqualTypeOf<RescueCopy | undefined>();
});

test('[DEF2] a conflict ties each field’s name to its values', () => {
  const [field] = conflict.fields;
  if (field?.field === 'status') {
    expectTypeOf(field.is).toEqualTypeOf<Status>();
    expectTypeOf(field.want).toEqualTypeOf<Status | undefined>();
  }
  expectTypeOf(conflict.resolve).toBeCallableWith('mine');
  expectTypeOf(conflict.resolve).toBeCallableWith({ title: 'Both' });
  const wrong = () => [
    // @ts-expect-error it is 'mine' or 'theirs'
    conflict.resolve('ours'),
    // @ts-expect-error there is no field 'titel'
    conflict.resolve({ titel: 'Both' }),
  ];
  expectTypeOf(wrong).toBeFunction();
});

test('[DEF2] a result says what it is before it says more', () => {
  const read = (result: ChangeResult<Note>) => {
    expectTypeOf(result).not.toHaveProperty('token');
    if (result.outcome !== 'queued') return undefined;
    return result.settled;
  };
  expectTypeOf(read)
    .returns.exclude<undefined>()
    .resolves.toHaveProperty('outcome')
    .toEqualTypeOf<'accepted' | 'merged' | 'conflict' | 'rejected'>();
});
