import { describe, expect, it } from 'vitest';
import { numberedEvents } from '../../../test/contract/event-store/newEvents.ts';
import { encodeEvent } from './encodedEvent.ts';
import type { EventLog, ReadStreamRequest, StreamPage } from './eventLog.ts';
import { createInMemoryEventLog } from './inMemoryEventLog.ts';
import { readWholeStream } from './readWholeStream.ts';
import { toStreamName } from './streamName.ts';
import { MAX_PAGE_EVENTS } from './takePage.ts';

const stream = toStreamName('note', '1');
const EVENTS = MAX_PAGE_EVENTS * 3;

/** Reads a stream of three pages while something happens after the first of them. */
async function readWhile(
  change: (log: EventLog) => Promise<unknown>,
  direction: ReadStreamRequest['direction'] = 'forwards',
): Promise<StreamPage> {
  const log = createInMemoryEventLog(() => {});
  await append(log, EVENTS);
  let reads = 0;
  const changing: EventLog = {
    ...log,
    async readStream(request) {
      reads += 1;
      if (reads === 2) await change(log);
      return log.readStream(request);
    },
  };
  return readWholeStream(changing, { stream, from: undefined, direction, limit: Infinity });
}

function append(log: EventLog, count: number): Promise<unknown> {
  return log.append({ stream, events: numberedEvents(count).map(encodeEvent), expectedRevision: 'any' });
}

function toRevisions(page: StreamPage): number[] {
  return page.outcome === 'read' ? page.events.map(({ revision }) => Number(revision)) : [];
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, index) => from + index);
}

describe('reading a stream of several pages', () => {
  it('[EVS3] leaves out what is appended meanwhile', async () => {
    const page = await readWhile((log) => append(log, MAX_PAGE_EVENTS * 2));

    expect(toRevisions(page)).toEqual(range(0, EVENTS));
    expect(page).toMatchObject({ outcome: 'read', lastRevision: BigInt(EVENTS - 1) });
  });

  it('[EVS3] has no gap where the next events are truncated meanwhile', async () => {
    const page = await readWhile((log) => log.truncateBefore(stream, BigInt(EVENTS - 10)));

    expect(toRevisions(page)).toEqual(range(EVENTS - 10, EVENTS));
  });

  it('[EVS3] keeps what it has where only that is truncated meanwhile', async () => {
    const page = await readWhile((log) => log.truncateBefore(stream, BigInt(MAX_PAGE_EVENTS)));

    expect(toRevisions(page)).toEqual(range(0, EVENTS));
  });

  it('[EVS3] is empty where everything is truncated meanwhile', async () => {
    const page = await readWhile((log) => log.truncateBefore(stream, BigInt(EVENTS)));

    expect(page).toMatchObject({ outcome: 'read', events: [], lastRevision: BigInt(EVENTS - 1) });
  });

  it('[EVS3] ends early backwards where the rest is truncated meanwhile', async () => {
    const page = await readWhile((log) => log.truncateBefore(stream, BigInt(EVENTS - 600)), 'backwards');

    expect(toRevisions(page)).toEqual(range(EVENTS - 600, EVENTS).toReversed());
  });

  it('[EVS7] answers that the stream is tombstoned where that happens meanwhile', async () => {
    expect(await readWhile((log) => log.tombstone(stream))).toEqual({ outcome: 'tombstoned' });
  });
});
