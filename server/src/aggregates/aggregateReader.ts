import type { AggregateDefinition, ConsistencyToken, FieldValues, User } from '@weft/client/protocol';
import type { AggregateState } from '../domain/aggregateState.ts';
import { changedFields, evolve } from '../domain/evolve.ts';
import type { EventStore, StoredEvent, Subscription } from '../event-store/eventStore.ts';
import { fromStoredEvent } from './aggregateCodec.ts';
import type { AggregateFold } from './aggregateFold.ts';
import { type AggregateRef, findRef, toStreamOf } from './aggregateRef.ts';
import type { AggregateRepository } from './aggregateRepository.ts';
import { toToken } from './aggregateToken.ts';
import { type AwaitedStates, awaitStates, type AwaitStatesOptions } from './awaitStates.ts';

/** An aggregate as a reader sees it. */
export type AggregateView =
  | { readonly status: 'unknown-aggregate' }
  | { readonly status: 'missing' }
  | { readonly status: 'deleted' }
  | { readonly status: 'existing'; readonly fields: Readonly<FieldValues>; readonly token: ConsistencyToken };

/** One event as a subscriber sees it: the fields that it gave new values. */
export type AggregateChange = {
  readonly change:
    | { readonly kind: 'created'; readonly fields: FieldValues }
    | { readonly kind: 'changed'; readonly fields: FieldValues }
    | { readonly kind: 'deleted' };
  readonly token: ConsistencyToken;
  readonly by: User;
  readonly at: string;
  readonly key?: string;
};

export type WatchHandlers = {
  readonly onChange: (change: AggregateChange) => void;
  readonly onError: (error: Error) => void;
};

export type AggregateReader = {
  read(aggregate: string, id: string): Promise<AggregateView>;
  /** Waits until a `read` is at least as new as these tokens' states. Rejects where the store fails. */
  awaitStates(tokens: readonly ConsistencyToken[], options: AwaitStatesOptions): Promise<AwaitedStates>;
  /**
   * The state now, and every change after it until the subscription is stopped. An unknown type and an id that no
   * aggregate can have are never changed, and have no subscription.
   */
  watch(
    aggregate: string,
    id: string,
    handlers: WatchHandlers,
  ): Promise<{ readonly view: AggregateView; readonly start: () => Subscription }>;
};

export type AggregateReaderOptions = {
  readonly definitions: ReadonlyMap<string, AggregateDefinition>;
  readonly store: EventStore;
  readonly repository: AggregateRepository;
};

const nothingToStop: Subscription = { stop: () => undefined };

export function createAggregateReader(options: AggregateReaderOptions): AggregateReader {
  const { definitions, store, repository } = options;

  async function read(aggregate: string, id: string): Promise<AggregateView> {
    const ref = findRef(definitions, { aggregate, id });
    if (typeof ref === 'string') return { status: ref };
    return toView(await repository.load(ref));
  }

  const watch: AggregateReader['watch'] = async (aggregate, id, handlers) => {
    const ref = findRef(definitions, { aggregate, id });
    if (typeof ref === 'string') return { view: { status: ref }, start: () => nothingToStop };
    const fold = await repository.load(ref);
    return { view: toView(fold), start: () => follow(ref, fold, handlers) };
  };

  function follow(ref: AggregateRef, fold: AggregateFold, handlers: WatchHandlers): Subscription {
    const { definition } = ref;
    let { state } = fold;
    return store.subscribeToStream(toStreamOf(ref), fold.point?.revision, {
      onEvent: (event) => {
        const before = state;
        const touch = { by: event.metadata.user, at: event.metadata.at };
        state = evolve(definition, before, { event: fromStoredEvent(definition, event), touch });
        handlers.onChange(toChange(before, state, event));
      },
      onError: handlers.onError,
    });
  }

  return {
    read,
    awaitStates: (tokens, awaitOptions) => awaitStates({ definitions, store }, tokens, awaitOptions),
    watch,
  };
}

function toView({ state, point }: AggregateFold): AggregateView {
  if (state.status !== 'existing' || !point) {
    return { status: state.status === 'deleted' ? 'deleted' : 'missing' };
  }
  return { status: 'existing', fields: state.fields, token: point.token };
}

function toChange(before: AggregateState, after: AggregateState, event: StoredEvent): AggregateChange {
  const { user, at, idempotencyKey } = event.metadata;
  return {
    change: toChangeOfState(before, after),
    token: toToken(event.stream, { revision: event.revision, eventId: event.id }),
    by: user,
    at,
    ...(idempotencyKey !== undefined && { key: idempotencyKey }),
  };
}

function toChangeOfState(before: AggregateState, after: AggregateState): AggregateChange['change'] {
  if (after.status !== 'existing') return { kind: 'deleted' };
  if (before.status !== 'existing') return { kind: 'created', fields: after.fields };
  const changed = changedFields(before.fields, after.fields);
  return {
    kind: 'changed',
    fields: Object.fromEntries(changed.map((field) => [field, after.fields[field]])),
  };
}
