import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it, onTestFinished } from 'vitest';
import { jsonEvent } from '../../../../test/contract/event-store/newEvents.ts';
import { encodeEvent } from '../encodedEvent.ts';
import { toStreamName } from '../streamName.ts';
import { createEventTables, type EventTables } from './eventTables.ts';
import { createOperationRunner } from './operationRunner.ts';
import { SCHEMA } from './schema.ts';
import type { WorkerRequest } from './workerMessages.ts';

const FAILING = toStreamName('note', 'failing');

/** Tables on which an append to one stream fails after it has written. */
function createTables(database: DatabaseSync): EventTables {
  const tables = createEventTables(database);
  return {
    ...tables,
    append(request) {
      const result = tables.append(request);
      if (request.stream === FAILING) throw new Error('no room');
      return result;
    },
  };
}

function openRunner() {
  const database = new DatabaseSync(':memory:', { readBigInts: true });
  onTestFinished(() => database.close());
  database.exec(SCHEMA);
  const tables = createTables(database);
  return { tables, runner: createOperationRunner(database, tables, '/data/weft.db') };
}

function appendTo(number: number, id: string): WorkerRequest {
  const events = [encodeEvent(jsonEvent(number))];
  const argument = { stream: toStreamName('note', id), events, expectedRevision: 'no-stream' as const };
  return { number, operation: 'append', argument };
}

describe('running operations', () => {
  it('[EVS10] writes together in one commit', () => {
    const { runner } = openRunner();

    const answered = runner.writeTogether([appendTo(1, 'a'), appendTo(2, 'a'), appendTo(3, 'b')]);

    expect(answered).toEqual([
      {
        committed: 3,
        answers: [
          { number: 1, value: expect.objectContaining({ outcome: 'appended', position: 1n }) },
          { number: 2, value: { outcome: 'wrong-expected-revision', actual: 0n } },
          { number: 3, value: expect.objectContaining({ outcome: 'appended', position: 2n }) },
        ],
      },
    ]);
  });

  it('[EVS10] fails a write for its own faults only, and keeps nothing of it', () => {
    const { runner, tables } = openRunner();

    const answered = runner.writeTogether([appendTo(1, 'a'), appendTo(2, 'failing'), appendTo(3, 'b')]);

    const answers = answered.flatMap((each) => each.answers);
    expect(answers).toEqual([
      { number: 1, value: expect.objectContaining({ outcome: 'appended', position: 1n }) },
      { number: 2, error: { code: 'unavailable', message: 'the event store /data/weft.db failed: no room' } },
      { number: 3, value: expect.objectContaining({ outcome: 'appended', position: 2n }) },
    ]);
    expect(answered.map(({ committed }) => committed)).toEqual([1, undefined, 1]);
    const { events } = tables.readAll({ after: undefined, categories: undefined, limit: 10 });
    expect(events.map(({ stream }) => stream)).toEqual(['note-a', 'note-b']);
    expect(runner.writeTogether([appendTo(4, 'c')])).toMatchObject([{ committed: 1 }]);
  });

  it('answers a read that fails with its error', () => {
    const { runner } = openRunner();
    const argument = { after: undefined, categories: Array<string>(501).fill('note'), limit: 1 };

    expect(runner.read({ number: 7, operation: 'readAll', argument })).toEqual({
      answers: [
        { number: 7, error: { code: 'unavailable', message: expect.stringContaining('too many terms') } },
      ],
    });
  });
});
