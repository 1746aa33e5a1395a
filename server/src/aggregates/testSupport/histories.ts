import { randomUUID } from 'node:crypto';
import { type AggregateDefinition, defineAggregate } from '@weft/client/protocol';
import { z } from 'zod';
import type { SeededRandom } from '../../../../test/support/seededRandom.ts';
import { type AggregateState, initialState } from '../../domain/aggregateState.ts';
import { evolve } from '../../domain/evolve.ts';
import type { EventStore, Json, NewEvent } from '../../event-store/eventStore.ts';
import { fromStoredEvent } from '../aggregateCodec.ts';
import { type AggregateRef, toStreamOf } from '../aggregateRef.ts';
import type { AppendedEvent } from '../aggregateFold.ts';

const FIELDS = { title: z.string(), count: z.number(), tags: z.array(z.string()) };

export const task = defineAggregate('task', {
  fields: FIELDS,
  initial: { count: 0, tags: [] },
  events: (event) => ({
    TaskCounted: event(z.object({ by: z.number() }), ({ count }, { by }) => ({ count: count + by })),
  }),
});

/** As `task`, but what its event does to the fields was changed. */
export const taskOfOtherEvolve = defineAggregate('task', {
  fields: FIELDS,
  initial: { count: 0, tags: [] },
  events: (event) => ({
    TaskCounted: event(z.object({ by: z.number() }), ({ count }, { by }) => ({ count: count - by })),
  }),
});

/** As `task`, with a field that was added later. */
export const taskWithStatus = defineAggregate('task', {
  fields: { ...FIELDS, status: z.string() },
  initial: { count: 0, tags: [], status: 'open' },
  events: (event) => ({
    TaskCounted: event(z.object({ by: z.number() }), ({ count }, { by }) => ({ count: count + by })),
  }),
});

export const ref: AggregateRef = { definition: task, id: 't1' };
export const stream = toStreamOf(ref);

/** What happens to a task, from its creation on. */
export function createHistory(random: SeededRandom, length: number): NewEvent[] {
  return Array.from({ length }, (_, index) =>
    toNewEvent(random.oneOf(['ada', 'ben']), index, index === 0 ? CREATED : toChange(random)),
  );
}

/** A task that is created and then counted, so that each of its states depends on all before it. */
export function createCountedHistory(length: number): NewEvent[] {
  return Array.from({ length }, (_, index) =>
    toNewEvent('ada', index, index === 0 ? CREATED : { type: 'TaskCounted', data: { by: 1 } }),
  );
}

type Happened = { readonly type: string; readonly data: Json };

const CREATED: Happened = { type: 'TaskCreated', data: { fields: { title: 'Plan' } } };

function toNewEvent(userId: string, index: number, happened: Happened): NewEvent {
  const at = new Date(1_767_225_600_000 + index).toISOString();
  const metadata = { at, user: { id: userId, name: userId }, schemaVersion: 1 };
  return { id: randomUUID(), metadata, format: 'json', ...happened };
}

function toChange(random: SeededRandom): Happened {
  const number = random.integer(10);
  return random.oneOf([
    { type: 'TaskChanged', data: { changes: { title: `Plan ${number}` } } },
    { type: 'TaskChanged', data: { changes: { count: number } } },
    { type: 'TaskChanged', data: { changes: { tags: [`tag ${number}`], count: number } } },
    { type: 'TaskCounted', data: { by: number } },
  ]);
}

export function createDeletion(): NewEvent {
  return toNewEvent('ada', 0, { type: 'TaskDeleted', data: {} });
}

/** The states that events lead to, one after the other, each folded from the one before and from nothing else. */
export function foldEach(definition: AggregateDefinition, events: readonly NewEvent[]): AggregateState[] {
  let state: AggregateState = initialState;
  return events.map((event) => {
    const touch = { by: event.metadata.user, at: event.metadata.at };
    state = evolve(definition, state, { event: fromStoredEvent(definition, { ...event, stream }), touch });
    return state;
  });
}

/** Appends events in one go and answers them as they are stored. */
export async function append(store: EventStore, events: readonly NewEvent[]): Promise<AppendedEvent[]> {
  const appended = await store.append(stream, events, 'any');
  if (appended.outcome !== 'appended') throw new Error(`the append was answered ${appended.outcome}`);
  const { firstRevision } = appended;
  return events.map((event, index) => ({ ...event, stream, revision: firstRevision + BigInt(index) }));
}
