import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { EncodedStoredEvent } from '../encodedEvent.ts';
import type {
  AppendRequest,
  EventPage,
  FindEventRequest,
  ReadAllRequest,
  ReadStreamRequest,
  StreamPage,
} from '../eventLog.ts';
import type { AppendResult, Revision, StreamName } from '../eventStore.ts';
import { type EventPlace, judgeAppend, type StreamState } from '../judgeAppend.ts';
import { toCategory } from '../streamName.ts';
import { takePage } from '../takePage.ts';

/** What each operation is given. */
export type Arguments = {
  append: AppendRequest;
  truncateBefore: { readonly stream: StreamName; readonly revision: Revision };
  tombstone: { readonly stream: StreamName };
  readStream: ReadStreamRequest;
  findEvent: FindEventRequest;
  readAll: ReadAllRequest;
};

/** What each operation answers. */
export type Answers = {
  append: AppendResult;
  truncateBefore: undefined;
  tombstone: undefined;
  readStream: StreamPage;
  findEvent: EncodedStoredEvent | undefined;
  readAll: EventPage;
};

export type Operation = keyof Arguments;

/** The operations that need a transaction. */
export const WRITE_OPERATIONS: ReadonlySet<Operation> = new Set(['append', 'truncateBefore', 'tombstone']);

/** An event log's operations on the tables, inside a transaction of the caller's. */
export type EventTables = { readonly [O in Operation]: (argument: Arguments[O]) => Answers[O] };

type StreamRow = { readonly id: bigint; readonly lastRevision: bigint | null; readonly isTombstoned: bigint };

const EVENT = `
  SELECT e.position, e.revision, s.name AS stream, e.id, e.type, e.metadata, e.data
  FROM events AS e JOIN streams AS s ON s.id = e.stream`;

const MAX_INT64 = 2n ** 63n - 1n;

export function createEventTables(database: DatabaseSync): EventTables {
  const findStream = database.prepare(`
    SELECT id, isTombstoned, coalesce((SELECT max(revision) FROM events WHERE stream = s.id), lastRevision) AS lastRevision
    FROM streams AS s WHERE name = ?`);
  const findPlace = database.prepare('SELECT revision, position FROM events WHERE stream = ? AND id = ?');
  const selectById = database.prepare(`${EVENT} WHERE s.name = ? AND e.id = ?`);
  const insertStream = database.prepare('INSERT INTO streams (name) VALUES (?)');
  const insertEvent = database.prepare(
    'INSERT INTO events (stream, revision, category, id, type, metadata, data) VALUES (?, ?, ?, ?, ?, ?, ?)',
  );
  const setLastRevision = database.prepare('UPDATE streams SET lastRevision = ? WHERE id = ?');
  const setTombstone = database.prepare('UPDATE streams SET isTombstoned = 1 WHERE id = ?');
  const deleteBefore = database.prepare('DELETE FROM events WHERE stream = ? AND revision < ?');
  const deleteAll = database.prepare('DELETE FROM events WHERE stream = ?');
  const selectForwards = database.prepare(
    `${EVENT} WHERE e.stream = ? AND e.revision >= ? ORDER BY e.revision`,
  );
  const selectBackwards = database.prepare(
    `${EVENT} WHERE e.stream = ? AND e.revision <= ? ORDER BY e.revision DESC`,
  );
  const selectAll = database.prepare(`${EVENT} WHERE e.position > ? ORDER BY e.position`);
  const selectCategories = prepareByCount(database);

  function find(stream: StreamName): StreamRow | undefined {
    return findStream.get(stream) as StreamRow | undefined;
  }

  function insert(
    stream: bigint,
    { stream: name, events }: AppendRequest,
    firstRevision: Revision,
  ): AppendResult {
    const category = toCategory(name);
    let revision = firstRevision - 1n;
    let position = 0n;
    for (const { id, type, metadata, data } of events) {
      revision += 1n;
      const { lastInsertRowid } = insertEvent.run(stream, revision, category, id, type, metadata, data);
      position = BigInt(lastInsertRowid);
    }
    return { outcome: 'appended', firstRevision, lastRevision: revision, position, repeated: false };
  }

  return {
    append(request) {
      const stream = find(request.stream);
      const places = request.events.map(({ id }) =>
        stream ? (findPlace.get(stream.id, id) as EventPlace | undefined) : undefined,
      );
      const judged = judgeAppend(toState(stream), request.expectedRevision, places);
      if (judged.verdict === 'answer') return judged.result;
      const id = stream?.id ?? BigInt(insertStream.run(request.stream).lastInsertRowid);
      return insert(id, request, judged.firstRevision);
    },

    truncateBefore({ stream: name, revision }) {
      const stream = find(name);
      if (!stream) return;
      setLastRevision.run(stream.lastRevision, stream.id);
      deleteBefore.run(stream.id, toInt64(revision));
    },

    tombstone({ stream: name }) {
      const id = find(name)?.id ?? BigInt(insertStream.run(name).lastInsertRowid);
      deleteAll.run(id);
      setTombstone.run(id);
    },

    readStream({ stream: name, from, direction, limit }) {
      const stream = find(name);
      const state = toState(stream);
      if (!stream || state === 'no-stream') return { outcome: 'no-stream' };
      if (state === 'tombstoned') return { outcome: 'tombstoned' };
      const rows =
        direction === 'forwards'
          ? selectForwards.iterate(stream.id, toInt64(from ?? 0n))
          : selectBackwards.iterate(stream.id, toInt64(from ?? state));
      return {
        outcome: 'read',
        ...takePage(rows as Iterable<EncodedStoredEvent>, limit),
        lastRevision: state,
      };
    },

    findEvent: ({ stream, id }) => selectById.get(stream, id) as EncodedStoredEvent | undefined,

    readAll({ after = 0n, categories, limit }) {
      if (categories?.length === 0) return { events: [], end: true };
      const rows = categories
        ? selectCategories(categories.length).iterate(toInt64(after), ...categories)
        : selectAll.iterate(toInt64(after));
      return takePage(rows as Iterable<EncodedStoredEvent>, limit);
    },
  };
}

function toState(stream: StreamRow | undefined): StreamState {
  if (stream?.isTombstoned) return 'tombstoned';
  return stream?.lastRevision ?? 'no-stream';
}

/** Reads the index once per category and merges: sorting what an `IN` finds would read all of it for each page. */
function prepareByCount(database: DatabaseSync): (count: number) => StatementSync {
  const statements = new Map<number, StatementSync>();
  return (count) => {
    const known = statements.get(count);
    if (known) return known;
    const parts = Array.from({ length: count }, (_, index) => {
      return `${EVENT} WHERE e.category = ?${index + 2} AND e.position > ?1`;
    });
    const statement = database.prepare(`${parts.join(' UNION ALL ')} ORDER BY position`);
    statements.set(count, statement);
    return statement;
  };
}

/** Numbers from outside may be beyond what SQLite counts; no event is there either. */
function toInt64(value: bigint): bigint {
  if (value > MAX_INT64) return MAX_INT64;
  return value < -MAX_INT64 ? -MAX_INT64 : value;
}
