import { type CommandOf, defineAggregate, type InputOf, type OutputOf } from '@weft/client/protocol';
import { expectTypeOf, test } from 'vitest';
import { z } from 'zod';

const task = defineAggregate('task', {
  fields: { title: z.string(), status: z.enum(['open', 'done']), assignee: z.string().nullable() },
  initial: { status: 'open', assignee: null },
  events: (event) => ({
    TaskAssigned: event(z.object({ to: z.string() }), (fields, { to }) => {
      expectTypeOf(fields.status).toEqualTypeOf<'open' | 'done'>();
      expectTypeOf(to).toEqualTypeOf<string>();
      return { assignee: to };
    }),
    TaskClosed: event(z.object({}), () => ({ status: 'done' })),
  }),
  commands: (command) => ({
    assign: command(z.object({ to: z.string() }), {
      reads: ['status'],
      output: z.object({ times: z.number() }),
      decide: (fields, { to }, { user }) => {
        expectTypeOf(fields.assignee).toEqualTypeOf<string | null>();
        if (fields.status === 'done') return { refused: `${user.name} is too late` };
        return { events: [{ type: 'TaskAssigned', data: { to } }], output: { times: 1 } };
      },
    }),
    close: command(z.object({}), { decide: () => ({ events: [{ type: 'TaskClosed', data: {} }] }) }),
  }),
});

type Task = typeof task;

test('[DEF2] commands have the types of their schemas', () => {
  expectTypeOf(task.name).toEqualTypeOf<'task'>();
  expectTypeOf<CommandOf<Task>>().toEqualTypeOf<'assign' | 'close'>();
  expectTypeOf<InputOf<Task, 'assign'>>().toEqualTypeOf<{ to: string }>();
  expectTypeOf<OutputOf<Task, 'assign'>>().toEqualTypeOf<{ times: number }>();
  expectTypeOf<OutputOf<Task, 'close'>>().toEqualTypeOf<never>();
});

test('[DEF2] a definition without commands has none', () => {
  const plain = defineAggregate('plain', { fields: { title: z.string() } });
  expectTypeOf(plain.name).toEqualTypeOf<'plain'>();
  expectTypeOf<CommandOf<typeof plain>>().toEqualTypeOf<never>();
});

test('[DEF2] a wrong name or type in an event or command is a compile error', () => {
  const fields = { title: z.string(), count: z.number() };
  defineAggregate('task', {
    fields,
    events: (event) => ({
      // @ts-expect-error there is no field 'titel'
      Renamed: event(z.object({}), () => ({ titel: '' })),
    }),
  });
  defineAggregate('task', {
    fields,
    events: (event) => ({
      Counted: event(z.object({ by: z.number() }), (task, { by }) => ({ count: task.count + by })),
    }),
    commands: (command) => ({
      // @ts-expect-error there is no field 'titel' to read
      read: command(z.object({}), { reads: ['titel'], decide: () => ({}) }),
      // @ts-expect-error there is no such event
      rename: command(z.object({}), { decide: () => ({ events: [{ type: 'Renamed', data: {} }] }) }),
      // @ts-expect-error the event's data is of another type
      count: command(z.object({}), { decide: () => ({ events: [{ type: 'Counted', data: { by: '1' } }] }) }),
    }),
  });
});
