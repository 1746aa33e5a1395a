import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { randomFrom } from '../../../../test/contract/event-store/randomFrom.ts';
import { readEvents } from '../../../../test/contract/event-store/readEvents.ts';
import type { EventStore, StreamName } from '../eventStore.ts';
import { createSqliteEventStore } from './sqliteEventStore.ts';

const SEED = Number(process.env.WEFT_SEED ?? 1);
const ROUNDS = 5;

type Acknowledged = { stream: StreamName; lastRevision: number; position: number; ids: string[] };
type Truncated = { stream: StreamName; truncatedBefore: number };

/** Kills a writing process after so many lines, and returns all that it had written by then. */
async function writeUntilKilled(
  path: string,
  round: number,
  lines: number,
): Promise<(Acknowledged | Truncated)[]> {
  const script = fileURLToPath(new URL('./fixtures/appendUntilKilled.ts', import.meta.url));
  const child: ChildProcess = spawn(process.execPath, [script, path, String(round)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const exit = once(child, 'exit');
  const written: (Acknowledged | Truncated)[] = [];
  if (!child.stdout) throw new Error('the writing process has no output');
  for await (const line of createInterface({ input: child.stdout })) {
    written.push(JSON.parse(line) as Acknowledged | Truncated);
    if (written.length === lines) child.kill('SIGKILL');
  }
  expect(await exit).toEqual([null, 'SIGKILL']);
  return written;
}

async function expectStored(
  store: EventStore,
  written: readonly (Acknowledged | Truncated)[],
): Promise<void> {
  const acknowledged = written.filter((line) => 'ids' in line);
  for (const stream of new Set(acknowledged.map((line) => line.stream))) {
    const events = await readEvents(store, stream);
    const first = Number(events[0]?.revision);
    expect(events.map(({ revision }) => Number(revision) - first)).toEqual(events.map((_, index) => index));
    const truncatedBefore = written.findLast((line) => 'truncatedBefore' in line && line.stream === stream);
    if (!truncatedBefore) expect(stream.endsWith('-0') || first === 0).toBe(true);

    const stored = new Map(events.map((event) => [event.id, event]));
    for (const { ids, lastRevision, position } of acknowledged.filter((line) => line.stream === stream)) {
      const kept = ids.filter((_, index) => lastRevision - ids.length + 1 + index >= first);
      expect(kept.map((id) => stored.has(id))).toEqual(kept.map(() => true));
      const last = stored.get(ids.at(-1) ?? '');
      if (last) expect([Number(last.revision), Number(last.position)]).toEqual([lastRevision, position]);
    }
  }
}

describe('an event store in SQLite', () => {
  it(
    `[EVS8] has everything that was acknowledged after a SIGKILL (seed ${SEED})`,
    { timeout: 60_000 },
    async () => {
      const folder = await mkdtemp(join(tmpdir(), 'weft-'));
      onTestFinished(() => rm(folder, { recursive: true }));
      const path = join(folder, 'weft.db');
      const random = randomFrom(SEED);
      const written: (Acknowledged | Truncated)[] = [];

      for (let round = 0; round < ROUNDS; round += 1) {
        written.push(...(await writeUntilKilled(path, round, 1 + random.integer(600))));
        const store = await createSqliteEventStore({ path });
        try {
          await expectStored(store, written);
        } finally {
          await store.close();
        }
      }
      expect(written.length).toBeGreaterThanOrEqual(ROUNDS);
    },
  );
});
