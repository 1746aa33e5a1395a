import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { randomFrom } from '../../../../test/support/seededRandom.ts';
import { readEvents } from '../../../../test/contract/event-store/readEvents.ts';
import { createTemporaryFolder } from '../../../../test/support/temporaryFolder.ts';
import type { WriterReport } from '../../../../test/contract/event-store/processes/writerReport.ts';
import type { EventStore } from '../eventStore.ts';
import { createSqliteEventStore } from './sqliteEventStore.ts';

const SEED = Number(process.env.WEFT_SEED ?? 1);
const ROUNDS = 5;

const APPEND_UNTIL_KILLED = fileURLToPath(
  new URL('../../../../test/contract/event-store/processes/appendUntilKilled.ts', import.meta.url),
);

/** Kills a writing process after so many lines, and returns all that it had written by then. */
async function writeUntilKilled(path: string, round: number, lines: number): Promise<WriterReport[]> {
  const child = spawn(process.execPath, [APPEND_UNTIL_KILLED, path, String(round)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const exit = once(child, 'exit');
  const written: WriterReport[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    written.push(JSON.parse(line) as WriterReport);
    if (written.length === lines) child.kill('SIGKILL');
  }
  expect(await exit).toEqual([null, 'SIGKILL']);
  return written;
}

async function expectStored(store: EventStore, reports: readonly WriterReport[]): Promise<void> {
  for (const stream of new Set(reports.map((report) => report.stream))) {
    const ofStream = reports.filter((report) => report.stream === stream);
    const events = await readEvents(store, stream);
    const revisions = events.map(({ revision }) => Number(revision));
    const [first = -1] = revisions;
    expect(revisions).toEqual(events.map((_, index) => first + index));
    expect([toStart(ofStream, 'truncated'), toStart(ofStream, 'truncating')]).toContain(first);

    const stored = new Map(events.map((event) => [event.id, event]));
    for (const report of ofStream) {
      if (report.type !== 'appended') continue;
      const { ids, lastRevision, position } = report;
      const kept = ids.filter((_, index) => lastRevision - ids.length + 1 + index >= first);
      expect(kept.filter((id) => !stored.has(id))).toEqual([]);
      const last = stored.get(ids.at(-1) ?? '');
      if (last) expect([Number(last.revision), Number(last.position)]).toEqual([lastRevision, position]);
    }
  }
}

/** Where a stream begins if its last truncation of that kind was done. */
function toStart(reports: readonly WriterReport[], type: 'truncating' | 'truncated'): number {
  const report = reports.findLast((candidate) => candidate.type === type);
  return report && 'before' in report ? report.before : 0;
}

describe('an event store in SQLite', () => {
  it(
    `[EVS8] has everything that was acknowledged after a SIGKILL (seed ${SEED})`,
    { timeout: 60_000 },
    async () => {
      const path = join(await createTemporaryFolder(), 'weft.db');
      const random = randomFrom(SEED);
      const written: WriterReport[] = [];

      for (let round = 0; round < ROUNDS; round += 1) {
        written.push(...(await writeUntilKilled(path, round, 1 + random.integer(600))));
        const store = await createSqliteEventStore({ path });
        try {
          await expectStored(store, written);
        } finally {
          await store.close();
        }
      }
    },
  );
});
