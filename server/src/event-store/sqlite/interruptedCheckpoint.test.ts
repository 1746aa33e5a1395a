import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it, onTestFinished } from 'vitest';
import {
  countPages,
  interruptCheckpoint,
} from '../../../../test/contract/event-store/interruptCheckpoint.ts';
import { numberedEvents, toData } from '../../../../test/contract/event-store/newEvents.ts';
import { readEvents } from '../../../../test/contract/event-store/readEvents.ts';
import { createTemporaryFolder } from '../../../../test/support/temporaryFolder.ts';
import type { EventStore } from '../eventStore.ts';
import { toStreamName } from '../streamName.ts';
import { SCHEMA } from './schema.ts';
import { createSqliteEventStore } from './sqliteEventStore.ts';

const stream = toStreamName('note', '1');
const EVENTS = 1_000;
const NUMBERS = Array.from({ length: EVENTS }, (_, index) => index);

async function open(path: string): Promise<EventStore> {
  const store = await createSqliteEventStore({ path });
  onTestFinished(() => store.close());
  return store;
}

/** A database and its log as a SIGKILL leaves them, copied to a folder of their own. */
function copyAsCrashed(path: string): string {
  const copy = join(dirname(path), 'crashed', 'weft.db');
  mkdirSync(dirname(copy));
  for (const suffix of ['', '-wal']) copyFileSync(path + suffix, copy + suffix);
  return copy;
}

/** The store has `EVENTS` events, all of them in its log; none of its checkpoint is done yet. */
async function crashStore(): Promise<string> {
  const path = join(await createTemporaryFolder(), 'weft.db');
  const store = await createSqliteEventStore({ path });
  await store.append(stream, numberedEvents(EVENTS), 'any');
  const crashed = copyAsCrashed(path);
  await store.close();
  return crashed;
}

function readFiles(path: string): (Buffer | undefined)[] {
  return ['', '-wal', '-journal'].map((suffix) =>
    existsSync(path + suffix) ? readFileSync(path + suffix) : undefined,
  );
}

async function expectRefusal(path: string, code: string, reason: RegExp): Promise<void> {
  const before = readFiles(path);
  await expect(open(path)).rejects.toMatchObject({ code, message: expect.stringMatching(reason) as string });
  expect(readFiles(path)).toEqual(before);
}

describe('an event store in SQLite that was killed within a checkpoint', { timeout: 30_000 }, () => {
  it.each([
    ['its first page', () => 1],
    ['half of its pages', (pages: number) => Math.floor(pages / 2)],
    ['all of its pages but the last', (pages: number) => pages - 1],
  ])('[EVS8] opens with every event when the checkpoint had moved %s', async (_, toMovedPages) => {
    const path = await crashStore();
    interruptCheckpoint(path, toMovedPages);
    const { inHeader, inFile } = countPages(path);
    expect(inFile).toBeLessThan(inHeader);

    const store = await open(path);
    expect(toData(await readEvents(store, stream))).toEqual(NUMBERS);
    await store.append(stream, numberedEvents(1, EVENTS), BigInt(EVENTS - 1));
    await store.close();
    expect(toData(await readEvents(await open(path), stream))).toEqual([...NUMBERS, EVENTS]);
  });

  it('[EVS9] is refused without its log, and the refusal says that the log belongs to it', async () => {
    const path = await crashStore();
    interruptCheckpoint(path, () => 1);
    rmSync(`${path}-wal`);

    await expectRefusal(path, 'corrupt', /restore it from a backup, together with its -wal file/);
  });

  it('[EVS9] is refused with a damaged log, and keeps both', async () => {
    const path = await crashStore();
    interruptCheckpoint(path, () => 1);
    const log = readFileSync(`${path}-wal`);
    writeFileSync(`${path}-wal`, log.fill(0xa5, log.length / 2));

    await expectRefusal(path, 'corrupt', /-wal file/);
  });

  it("[EVS9] is told from another application's file in the same state", async () => {
    const foreign = join(await createTemporaryFolder(), 'weft.db');
    const database = new DatabaseSync(foreign);
    database.exec('PRAGMA application_id = 7; PRAGMA journal_mode = WAL; CREATE TABLE streams (id)');
    database.exec('CREATE TABLE events (id); INSERT INTO events VALUES (zeroblob(100000))');
    const path = copyAsCrashed(foreign);
    database.close();
    interruptCheckpoint(path, () => 1);
    const { inHeader, inFile } = countPages(path);
    expect(inFile).toBeLessThan(inHeader);

    await expectRefusal(path, 'not-a-store', /belongs to another application/);
  });
});

describe('an event store in SQLite that was killed while it was made', () => {
  it('is made again', async () => {
    const path = join(await createTemporaryFolder(), 'weft.db');
    const database = new DatabaseSync(path);
    database.exec(`BEGIN; ${SCHEMA} COMMIT;`);
    database.close();
    // Its first page was written, and the journal says that there was none before.
    truncateSync(path, 4_096);
    writeFileSync(`${path}-journal`, toJournalOfNothing());

    const store = await open(path);
    await store.append(stream, numberedEvents(1), 'no-stream');
    expect(toData(await readEvents(store, stream))).toEqual([0]);
  });
});

/** The rollback journal of a transaction that began with an empty file: a header, and no page. */
function toJournalOfNothing(): Buffer {
  const header = Buffer.alloc(512);
  Buffer.from('d9d505f920a163d7', 'hex').copy(header);
  const [sectorSize, pageSize] = [512, 4_096];
  header.writeUInt32BE(sectorSize, 20);
  header.writeUInt32BE(pageSize, 24);
  return header;
}
