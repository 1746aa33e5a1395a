import type { AggregateDefinition, ConsistencyToken } from '@weft/client/protocol';
import type { EventStore, Position, StoredEvent } from '../event-store/eventStore.ts';
import { toRefOf } from './aggregateRef.ts';
import { type ReadToken, readToken } from './aggregateToken.ts';

export type AwaitedStates =
  /** All of them are stored here. `position` is that of the newest; undefined where no token was given. */
  | { readonly outcome: 'reached'; readonly position: Position | undefined }
  /** A token is none, or of no aggregate that there can be. */
  | { readonly outcome: 'malformed' }
  /** The history here is not the token's: its stream was erased or truncated, or a backup was restored. */
  | { readonly outcome: 'history-gone' }
  /** The signal came first. */
  | { readonly outcome: 'not-yet' };

export type AwaitStatesOptions = {
  /** Ends the waiting. What is there already is found also where it was aborted from the start. */
  readonly signal: AbortSignal;
};

export type StateSources = {
  readonly definitions: ReadonlyMap<string, AggregateDefinition>;
  readonly store: EventStore;
};

/**
 * Waits until the store has the states of these tokens. Rejects where the store fails.
 *
 * One after the other: what was reached stays reached, and the first that cannot be leaves nothing behind.
 */
export async function awaitStates(
  { definitions, store }: StateSources,
  tokens: readonly ConsistencyToken[],
  { signal }: AwaitStatesOptions,
): Promise<AwaitedStates> {
  const states = tokens.map((token) => readStateToken(definitions, token));
  const known = states.filter((state) => state !== undefined);
  if (known.length < states.length) return { outcome: 'malformed' };
  let position: Position | undefined;
  for (const state of known) {
    const awaited = await awaitState(store, state, signal);
    if (awaited.outcome !== 'reached') return awaited;
    if (position === undefined || awaited.position > position) position = awaited.position;
  }
  return { outcome: 'reached', position };
}

function readStateToken(
  definitions: StateSources['definitions'],
  token: ConsistencyToken,
): ReadToken | undefined {
  const read = readToken(token);
  return read && toRefOf(definitions, read.stream) ? read : undefined;
}

type AwaitedState =
  | { readonly outcome: 'reached'; readonly position: Position }
  | { readonly outcome: 'history-gone' | 'not-yet' };

async function awaitState(store: EventStore, token: ReadToken, signal: AbortSignal): Promise<AwaitedState> {
  const read = await store.readStream(token.stream, { from: token.revision, limit: 1 });
  if (read.outcome === 'tombstoned') return { outcome: 'history-gone' };
  const isStored = read.outcome === 'read' && read.lastRevision >= token.revision;
  if (isStored) return compare(token, read.events[0]);
  const event = await awaitEventFrom(store, token, signal);
  return event ? compare(token, event) : { outcome: 'not-yet' };
}

/** The event is the first one from the token's revision on; undefined where they are all truncated. */
function compare(token: ReadToken, event: StoredEvent | undefined): AwaitedState {
  const isReached = event !== undefined && token.isOf(event.id);
  return isReached ? { outcome: 'reached', position: event.position } : { outcome: 'history-gone' };
}

/** The first event from a revision on; undefined where the signal came first. */
async function awaitEventFrom(
  store: EventStore,
  { stream, revision }: ReadToken,
  signal: AbortSignal,
): Promise<StoredEvent | undefined> {
  if (signal.aborted) return undefined;
  const { promise, resolve, reject } = Promise.withResolvers<StoredEvent | undefined>();
  const giveUp = () => resolve(undefined);
  signal.addEventListener('abort', giveUp);
  const after = revision === 0n ? undefined : revision - 1n;
  const subscription = store.subscribeToStream(stream, after, { onEvent: resolve, onError: reject });
  try {
    return await promise;
  } finally {
    subscription.stop();
    signal.removeEventListener('abort', giveUp);
  }
}
