import type { User } from '@weft/client/protocol';
import { LRUCache } from 'lru-cache';
import { AGGREGATE_SCHEMA_VERSION, toNoun } from '../aggregates/aggregateCodec.ts';
import type { AggregateFold, FoldedState } from '../aggregates/aggregateFold.ts';
import { type AggregateRef, toStreamOf } from '../aggregates/aggregateRef.ts';
import type { LosingValue } from '../domain/losingValue.ts';
import type { EventStore, Json, Revision, StoredEvent, StreamName } from '../event-store/eventStore.ts';
import { toSideStreamName } from '../event-store/streamName.ts';
import { losingOf } from './commandMetadata.ts';
import { toUuid } from '../lifecycle/toUuid.ts';

/** A losing value as it is kept: with whose command it lost by, and when. */
export type KeptLosingValue = {
  /** Names it among those of its aggregate. */
  readonly id: string;
  readonly losing: LosingValue;
  readonly writer: User;
  /** ISO 8601. */
  readonly at: string;
};

export type LosingValuePage = {
  readonly values: readonly KeptLosingValue[];
  /** The id behind which to go on, as the next page's `before`; undefined at the end. */
  readonly next: string | undefined;
};

export type Losses = {
  /** Identifies the command: a repeat is kept once. */
  readonly cause: string;
  readonly values: readonly LosingValue[];
  readonly writer: User;
  readonly at: string;
};

/**
 * The values that lost, in a stream beside their aggregate's, so that its token does not move. Those that lost by an
 * event are in the event's metadata too, which is stored in one go with it; what a crash kept from this stream is
 * brought after.
 */
export type LosingValues = {
  /** Durable when it resolves. */
  keep(ref: AggregateRef, losses: Losses): Promise<void>;
  /** Keeps what lost by the events of a fold and is not known to be kept. */
  catchUp(ref: AggregateRef, fold: AggregateFold): Promise<void>;
  /** Newest first, as many as the limit says and their size allows. */
  list(
    ref: AggregateRef,
    options: { readonly before?: string | undefined; readonly limit: number },
  ): Promise<LosingValuePage>;
  find(ref: AggregateRef, id: string): Promise<KeptLosingValue | undefined>;
};

const MAX_KNOWN_STREAMS = 2_000;

/** From this size on a page takes no further value; each may have a quarter of a megabyte three times. */
const MAX_PAGE_BYTES = 2 * 1024 * 1024;
const EVENTS_PER_READ = 20;

export function createLosingValues(store: EventStore): LosingValues {
  // The newest revision of each stream up to which everything that lost is known to be kept.
  const keptUpTo = new LRUCache<StreamName, Revision>({ max: MAX_KNOWN_STREAMS });

  const keep: LosingValues['keep'] = async (ref, { cause, values: told, writer, at }) => {
    const values = told.filter(({ why }) => why !== 'built-upon');
    if (values.length === 0) return;
    const stream = toStream(ref);
    await store.append(
      stream,
      [
        {
          id: toUuid(`${stream}\0${cause}`),
          type: `${toNoun(ref.definition)}ValuesLost`,
          format: 'json',
          data: { values: values as readonly Json[] },
          metadata: { at, user: writer, schemaVersion: AGGREGATE_SCHEMA_VERSION },
        },
      ],
      'any',
    );
  };

  const catchUp: LosingValues['catchUp'] = async (ref, { point, recent }) => {
    if (!point) return;
    const stream = toStreamOf(ref);
    const kept = keptUpTo.get(stream) ?? -1n;
    if (kept >= point.revision) return;
    // From the newest back: of a fold that goes on by one event there is one to look at.
    const first = recent.findLastIndex(({ event }) => event.revision <= kept) + 1;
    for (const folded of recent.slice(first)) await keep(ref, toLosses(folded));
    keptUpTo.set(stream, point.revision);
  };

  const list: LosingValues['list'] = async (ref, { before, limit }) => {
    const place = before === undefined ? undefined : parseId(before);
    const values: KeptLosingValue[] = [];
    let bytes = 0;
    for await (const kept of walkBack(toStream(ref), place)) {
      if (values.length === limit || bytes > MAX_PAGE_BYTES) return { values, next: values.at(-1)?.id };
      values.push(kept);
      bytes += JSON.stringify(kept.losing).length;
    }
    return { values, next: undefined };
  };

  /** Newest first, from behind a place; read as it is asked for. */
  async function* walkBack(stream: StreamName, place: Place | undefined): AsyncGenerator<KeptLosingValue> {
    for (let from = place?.revision; from === undefined || from >= 0n;) {
      const options = { direction: 'backwards', limit: EVENTS_PER_READ } as const;
      const read = await store.readStream(stream, from === undefined ? options : { ...options, from });
      const events = read.outcome === 'read' ? read.events : [];
      yield* events.flatMap((event) => toKept(event).slice(firstBehind(event, place)));
      from = (events.at(-1)?.revision ?? 0n) - 1n;
    }
  }

  const find: LosingValues['find'] = async (ref, id) => {
    const place = parseId(id);
    if (!place) return undefined;
    const read = await store.readStream(toStream(ref), { from: place.revision, limit: 1 });
    const event = read.outcome === 'read' ? read.events[0] : undefined;
    return event && toKept(event).find((kept) => kept.id === id);
  };

  return { keep, catchUp, list, find };
}

/** What lost by an event is kept under the event's own id. */
function toLosses({ event }: FoldedState): Losses {
  const { user, at } = event.metadata;
  return { cause: event.id, values: losingOf(event.metadata), writer: user, at };
}

function toStream({ definition, id }: AggregateRef): StreamName {
  return toSideStreamName(definition.name, 'conflicts', id);
}

function toKept({ revision, data, metadata }: StoredEvent): KeptLosingValue[] {
  const { values } = data as { readonly values: readonly LosingValue[] };
  return values.map((losing, index) => ({
    id: `${revision}.${index}`,
    losing,
    writer: metadata.user,
    at: metadata.at,
  }));
}

type Place = { readonly revision: Revision; readonly index: number };

export function isLosingValueId(id: string): boolean {
  return parseId(id) !== undefined;
}

function parseId(id: string): Place | undefined {
  const [, revision, index] = /^(\d{1,15})\.(\d{1,4})$/.exec(id) ?? [];
  return revision === undefined ? undefined : { revision: BigInt(revision), index: Number(index) };
}

/** The first of an event's values that comes behind a place: all of them do, but for those of the place's own event. */
function firstBehind({ revision }: StoredEvent, place: Place | undefined): number {
  return revision === place?.revision ? place.index + 1 : 0;
}
