import { randomUUID } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { createManualClock } from '../../../../client-sdk/src/testSupport/manualClock.ts';
import type { EventStore } from '../../event-store/eventStore.ts';
import { createInMemoryEventStore } from '../../event-store/inMemoryEventStore.ts';
import { toTextStreamName } from '../../event-store/streamName.ts';
import { appendUntilStored } from './appendUntilStored.ts';
import { toTextUpdated } from './textEvents.ts';

const STREAM = toTextStreamName('note', 'body', 'n1');

/** An append whose first attempts fail, before or after the store took it. */
function start({ failures, isStored = false }: { failures: number; isStored?: boolean }) {
  const clock = createManualClock();
  const begin = clock.now();
  const attempts: number[] = [];
  const logged: string[] = [];
  const fail = () => {
    if (attempts.length <= failures) throw new Error('no disk');
  };
  const store: EventStore = createInMemoryEventStore({
    faults: {
      beforeAppend: () => {
        attempts.push(clock.now() - begin);
        if (!isStored) fail();
      },
      afterAppend: isStored ? fail : () => {},
    },
  });
  const log = (_fields: object, message: string) => logged.push(message);
  const append = appendUntilStored({
    store,
    stream: STREAM,
    events: toTextUpdated({
      createId: randomUUID,
      at: '2026-01-01T00:00:00.000Z',
      contributions: [{ user: { id: 'ada', name: 'Ada' }, update: Uint8Array.of(0, 0) }],
    }),
    clock,
    logger: { debug: log, info: log, warn: log, error: log },
  });
  const pass = async (milliseconds: number) => {
    for (let passed = 0; passed < milliseconds; passed += 50) {
      await setImmediate();
      clock.advance(50);
    }
    await setImmediate();
  };
  return { append, attempts, logged, pass, store };
}

describe('appending until it is stored', () => {
  it('[TXT9] tries again, after longer and longer, and says so once', async () => {
    const { append, attempts, logged, pass } = start({ failures: 8 });
    await pass(25_000);
    expect(attempts).toEqual([0, 100, 300, 700, 1500, 3100, 6300, 11_300, 16_300]);
    expect(await append.result).toMatchObject({ outcome: 'appended', repeated: false });
    expect(logged).toHaveLength(2);
  });

  it('[TXT9] stores nothing twice where the store could not say that it stored', async () => {
    const { append, pass, store } = start({ failures: 3, isStored: true });
    await pass(1000);
    expect(await append.result).toMatchObject({ outcome: 'appended', repeated: true });
    expect(await store.readStream(STREAM)).toMatchObject({ events: { length: 1 } });
  });

  it('tries at once when it is hurried', async () => {
    const { append, attempts, pass } = start({ failures: 1 });
    await pass(0);
    append.hurry();
    expect(await append.result).toMatchObject({ outcome: 'appended' });
    expect(attempts).toEqual([0, 0]);
  });

  it('waits no longer than at first once it was hurried', async () => {
    const { append, attempts, pass } = start({ failures: 5 });
    append.hurry();
    await pass(600);
    expect(await append.result).toMatchObject({ outcome: 'appended' });
    expect(attempts).toEqual([0, 100, 200, 300, 400, 500]);
  });

  it('tries no more when it is stopped', async () => {
    const { append, attempts, pass } = start({ failures: 100 });
    await pass(0);
    append.stop();
    expect(await append.result).toBeUndefined();
    await pass(10_000);
    expect(attempts).toEqual([0]);
  });
});
