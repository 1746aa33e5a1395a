import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createTemporaryFolder } from '../../../../test/support/temporaryFolder.ts';
import { numberedEvents } from '../../../../test/contract/event-store/newEvents.ts';
import { readEvents } from '../../../../test/contract/event-store/readEvents.ts';
import { toStreamName } from '../streamName.ts';
import { createSqliteEventStore } from './sqliteEventStore.ts';

const FILL_DISK = fileURLToPath(
  new URL('../../../../test/contract/event-store/processes/fillDisk.ts', import.meta.url),
);

async function openCounting() {
  const commits: number[] = [];
  const path = join(await createTemporaryFolder(), 'weft.db');
  const store = await createSqliteEventStore({ path, onCommit: (writes) => commits.push(writes) });
  onTestFinished(() => store.close());
  return { store, commits };
}

describe('an event store in SQLite', { timeout: 30_000 }, () => {
  it('[EVS10] commits appends that arrive together at once, each with its own outcome', async () => {
    const { store, commits } = await openCounting();
    const [one, two, gone] = [
      toStreamName('note', '1'),
      toStreamName('note', '2'),
      toStreamName('note', '3'),
    ];
    await store.append(one, numberedEvents(1), 'any');
    await store.tombstone(gone);
    commits.length = 0;
    const repeated = numberedEvents(2);

    const results = await Promise.all([
      store.append(one, numberedEvents(1), 0n),
      store.append(one, numberedEvents(1), 0n),
      store.append(two, repeated, 'no-stream'),
      store.append(two, repeated, 'no-stream'),
      store.append(gone, numberedEvents(1), 'any'),
      store.append(one, numberedEvents(2), 1n),
    ]);

    expect(commits).toEqual([6]);
    const appended = { outcome: 'appended', position: expect.any(BigInt), repeated: false };
    expect(results).toEqual([
      { ...appended, firstRevision: 1n, lastRevision: 1n },
      { outcome: 'wrong-expected-revision', actual: 1n },
      { ...appended, firstRevision: 0n, lastRevision: 1n },
      { ...results[2], repeated: true },
      { outcome: 'tombstoned' },
      { ...appended, firstRevision: 2n, lastRevision: 3n },
    ]);
    expect(await readEvents(store, one)).toHaveLength(4);
  });

  it('[EVS10] commits what waits for a commit together with the next one', async () => {
    const { store, commits } = await openCounting();
    const writers = Array.from({ length: 50 }, (_, index) => toStreamName('note', String(index)));

    await Promise.all(
      writers.map(async (stream) => {
        for (let count = 0; count < 10; count += 1) await store.append(stream, numberedEvents(1), 'any');
      }),
    );

    expect(commits.reduce((sum, writes) => sum + writes, 0)).toBe(500);
    expect(commits.length).toBeLessThan(100);
  });

  it('[EVS10] commits one append alone', async () => {
    const { store, commits } = await openCounting();
    await store.append(toStreamName('note', '1'), numberedEvents(10), 'any');
    expect(commits).toEqual([1]);
  });

  it('[EVS10] fails an append that the disk has no room for, not its neighbours, and goes on', async () => {
    const path = join(await createTemporaryFolder(), 'weft.db');
    // A limit on the size of a file stands in for a full disk: 8,000 blocks of 512 or 1,024 bytes.
    const command = `ulimit -f 8000; exec "${process.execPath}" "${FILL_DISK}" "${path}"`;
    const { stdout } = await promisify(execFile)('sh', ['-c', command]);

    expect(JSON.parse(stdout)).toEqual(['appended', 'appended', 'unavailable', 'appended']);
    const store = await createSqliteEventStore({ path });
    onTestFinished(() => store.close());
    expect((await store.readAll()).map(({ stream }) => stream)).toEqual([
      'note-first',
      'note-together-small',
      'note-after',
    ]);
  });
});
