import { randomUUID } from 'node:crypto';
import { note } from '../../../client-sdk/src/testSupport/noteDefinition.ts';
import { expect, test } from 'vitest';
import type { EventStore, NewEvent } from '../event-store/eventStore.ts';
import { createInMemoryEventStore } from '../event-store/inMemoryEventStore.ts';
import { toStreamName } from '../event-store/streamName.ts';
import { toToken } from './aggregateToken.ts';
import { awaitStates } from './awaitStates.ts';

const stream = toStreamName('note', 'n1');
const never = { signal: new AbortController().signal };
const atOnce = { signal: AbortSignal.abort() };

function createEvent(): NewEvent {
  const metadata = { at: '2026-05-04T09:30:00.000Z', user: { id: 'Ada', name: 'Ada' }, schemaVersion: 1 };
  return { id: randomUUID(), type: 'NoteChanged', format: 'json', data: {}, metadata };
}

function setUp() {
  const store = createInMemoryEventStore();
  const sources = { definitions: new Map([['note', note]]), store };
  const events = Array.from({ length: 4 }, createEvent);
  const tokens = events.map(({ id }, index) => toToken(stream, { revision: BigInt(index), eventId: id }));
  return { store, sources, events, tokens };
}

/** Counts subscriptions to streams, and tells when the first has delivered what is stored. */
function watchSubscriptions(inner: EventStore) {
  const caughtUp = Promise.withResolvers<undefined>();
  const counts = { open: 0 };
  const store: EventStore = {
    ...inner,
    subscribeToStream: (name, after, handlers) => {
      const onCaughtUp = () => caughtUp.resolve(undefined);
      const subscription = inner.subscribeToStream(name, after, { ...handlers, onCaughtUp });
      counts.open += 1;
      return {
        stop: () => {
          counts.open -= 1;
          subscription.stop();
        },
      };
    },
  };
  return { store, caughtUp: caughtUp.promise, counts };
}

test('[HTT9] states that are stored are reached, at the position of the newest', async () => {
  const { store, sources, events, tokens } = setUp();
  await store.append(stream, events, 'no-stream');
  for (const given of [[tokens[1], tokens[3], tokens[0]], [tokens[3]]]) {
    const present = given.filter((token) => token !== undefined);
    const position = (await store.readAll()).at(-1)?.position;
    expect(await awaitStates(sources, present, atOnce)).toEqual({ outcome: 'reached', position });
  }
  expect(await awaitStates(sources, [], atOnce)).toEqual({ outcome: 'reached', position: undefined });
});

test.each([0, 1, 3])(
  '[HTT9] the state of revision %i is waited for, and no subscription stays',
  async (at) => {
    const { store, sources, events, tokens } = setUp();
    const watched = watchSubscriptions(store);
    const before = events.slice(0, at);
    if (before.length > 0) await store.append(stream, before, 'any');
    const waiting = awaitStates({ ...sources, store: watched.store }, tokens.slice(at, at + 1), never);
    await watched.caughtUp;
    expect(watched.counts.open).toBe(1);
    await store.append(stream, events.slice(at), 'any');
    const position = (await store.readAll()).find(({ id }) => id === events[at]?.id)?.position;
    expect(await waiting).toEqual({ outcome: 'reached', position });
    expect(watched.counts.open).toBe(0);
  },
);

test('[HTT9] an abort ends the waiting and its subscription', async () => {
  const { store, sources, tokens } = setUp();
  const watched = watchSubscriptions(store);
  const controller = new AbortController();
  const waiting = awaitStates({ ...sources, store: watched.store }, tokens, { signal: controller.signal });
  await watched.caughtUp;
  controller.abort();
  expect(await waiting).toEqual({ outcome: 'not-yet' });
  expect(watched.counts.open).toBe(0);
});

test('[HTT9] a wait that is over before it begins leaves no subscription', async () => {
  const { store, sources, tokens } = setUp();
  const watched = watchSubscriptions(store);
  const awaited = await awaitStates({ ...sources, store: watched.store }, tokens, atOnce);
  expect(awaited).toEqual({ outcome: 'not-yet' });
  expect(watched.counts.open).toBe(0);
});

test('[HTT9] another event that comes in the awaited one’s place is another history', async () => {
  const { store, sources, tokens } = setUp();
  const watched = watchSubscriptions(store);
  const waiting = awaitStates({ ...sources, store: watched.store }, tokens.slice(0, 1), never);
  await watched.caughtUp;
  await store.append(stream, [createEvent()], 'no-stream');
  expect(await waiting).toEqual({ outcome: 'history-gone' });
});

test('[HTT9] of a state whose event is truncated nothing is known, and of the later ones all is', async () => {
  const { store, sources, events, tokens } = setUp();
  await store.append(stream, events, 'no-stream');
  await store.truncateBefore(stream, 2n);
  const outcomes = await Promise.all(
    tokens.map(async (token) => (await awaitStates(sources, [token], atOnce)).outcome),
  );
  expect(outcomes).toEqual(['history-gone', 'history-gone', 'reached', 'reached']);
});

test('[HTT9] a store that fails while it is waited for rejects', async () => {
  const { store, sources, tokens } = setUp();
  const watched = watchSubscriptions(store);
  const waiting = awaitStates({ ...sources, store: watched.store }, tokens, never);
  await watched.caughtUp;
  await store.close();
  await expect(waiting).rejects.toMatchObject({ code: 'closed' });
  expect(watched.counts.open).toBe(0);
});
