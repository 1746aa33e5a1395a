import type { AggregateDefinition, ConsistencyToken, ListedAggregate } from '@weft/client/protocol';
import { MAX_LISTED_AGGREGATES } from '@weft/client/protocol';
import { fromStoredEvent } from '../aggregates/aggregateCodec.ts';
import { toToken } from '../aggregates/aggregateToken.ts';
import { type AggregateState, initialState } from '../domain/aggregateState.ts';
import { evolve } from '../domain/evolve.ts';
import type { EventStore, Position, StoredEvent, Subscription } from '../event-store/eventStore.ts';
import { toAggregateId, toCategory } from '../event-store/streamName.ts';
import type { Clock } from '../lifecycle/clock.ts';
import type { Logger } from '../lifecycle/logger.ts';
import { createProgress, type Progress } from './progress.ts';

export type ListChange =
  | { readonly kind: 'put'; readonly item: ListedAggregate }
  | { readonly kind: 'removed'; readonly id: string };

/** The existing aggregates of every type, held in memory and built from the store at start. */
export type AggregateLists = {
  /** Resolves when everything that was stored at the start is in the lists. */
  whenReady(): Promise<void>;
  /**
   * Resolves when the lists are ready and have everything up to a position, or when the signal is aborted before. The
   * position must be of an aggregate's event.
   */
  whenAt: Progress['whenAt'];
  /** Newest change first, at most `MAX_LISTED_AGGREGATES`; undefined for an unknown type. */
  list(aggregate: string): readonly ListedAggregate[] | undefined;
  /** Calls back on every change of one type until stopped. */
  watch(aggregate: string, onChange: (change: ListChange) => void): Subscription;
  close(): void;
};

export type AggregateListsOptions = {
  readonly definitions: ReadonlyMap<string, AggregateDefinition>;
  readonly store: EventStore;
  readonly clock: Clock;
  readonly logger: Logger;
};

const RESUBSCRIBE_AFTER_MS = 1_000;

type Entry = { readonly state: AggregateState; readonly item: ListedAggregate };

type AggregateType = {
  /** By id, oldest change first. */
  readonly entries: Map<string, Entry>;
  readonly watchers: Set<(change: ListChange) => void>;
};

export function createAggregateLists({
  definitions,
  store,
  clock,
  logger,
}: AggregateListsOptions): AggregateLists {
  const types = new Map<string, AggregateType>(
    [...definitions.keys()].map((name) => [name, { entries: new Map(), watchers: new Set() }]),
  );
  const ready = Promise.withResolvers<undefined>();
  const progress = createProgress();
  let isReady = false;
  let after: Position | undefined;
  let stop = subscribe();

  function subscribe(): () => void {
    const subscription = store.subscribeToAll(
      { ...(after !== undefined && { after }), filter: { categories: [...definitions.keys()] } },
      {
        onEvent: (event) => {
          take(event);
          if (isReady) progress.reach(event.position);
        },
        onCaughtUp: () => {
          isReady = true;
          ready.resolve(undefined);
          if (after !== undefined) progress.reach(after);
        },
        onError: (error) => {
          logger.error({ err: error }, 'the lists lost their subscription and will resume it');
          stop = clock.after(RESUBSCRIBE_AFTER_MS, () => {
            stop = subscribe();
          });
        },
      },
    );
    return () => subscription.stop();
  }

  function take(event: StoredEvent): void {
    after = event.position;
    const definition = definitions.get(toCategory(event.stream));
    const ofType = definition && types.get(definition.name);
    if (!ofType) return;
    const id = toAggregateId(event.stream);
    const before = ofType.entries.get(id)?.state ?? initialState;
    const touch = { by: event.metadata.user, at: event.metadata.at };
    const state = evolve(definition, before, { event: fromStoredEvent(definition, event), touch });
    const item = toItem(id, state, event);
    // Taken out and put back, so that the map's order is the order of the last changes.
    ofType.entries.delete(id);
    if (item) ofType.entries.set(id, { state, item });
    const change: ListChange = item ? { kind: 'put', item } : { kind: 'removed', id };
    for (const onChange of ofType.watchers) onChange(change);
  }

  return {
    whenReady: () => ready.promise,
    whenAt: progress.whenAt,
    list: (aggregate) => {
      const entries = types.get(aggregate)?.entries;
      const newestFirst = entries && [...entries.values()].reverse();
      return newestFirst?.slice(0, MAX_LISTED_AGGREGATES).map(({ item }) => item);
    },
    watch: (aggregate, onChange) => {
      types.get(aggregate)?.watchers.add(onChange);
      return { stop: () => types.get(aggregate)?.watchers.delete(onChange) };
    },
    close: () => stop(),
  };
}

function toItem(id: string, state: AggregateState, event: StoredEvent): ListedAggregate | undefined {
  if (state.status !== 'existing') return undefined;
  const { user: by, at } = event.metadata;
  const { stream, revision, id: eventId } = event;
  let token: ConsistencyToken | undefined;
  return {
    id,
    fields: state.fields,
    // Made when somebody reads it: most changes are listed to nobody.
    get token() {
      return (token ??= toToken(stream, { revision, eventId }));
    },
    by,
    at,
  };
}
