import { execFile } from 'node:child_process';
import { hash } from 'node:crypto';
import { copyFileSync, mkdirSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { assert, describe, expect, it, onTestFinished } from 'vitest';
import { createTemporaryFolder } from '../../../../test/support/temporaryFolder.ts';
import { jsonEvent, numberedEvents, toData } from '../../../../test/contract/event-store/newEvents.ts';
import { readEvents } from '../../../../test/contract/event-store/readEvents.ts';
import type { EventStore } from '../eventStore.ts';
import { EventStoreError } from '../eventStoreError.ts';
import { toStreamName } from '../streamName.ts';
import { openDatabase } from './openDatabase.ts';
import { createSqliteEventStore } from './sqliteEventStore.ts';

const stream = toStreamName('note', '1');

const OPEN_ONCE = fileURLToPath(
  new URL('../../../../test/contract/event-store/processes/openOnce.ts', import.meta.url),
);

async function open(path: string): Promise<EventStore> {
  const store = await createSqliteEventStore({ path });
  onTestFinished(() => store.close());
  return store;
}

async function openInOtherProcess(path: string): Promise<{ code: string; message?: string }> {
  const { stdout } = await promisify(execFile)(process.execPath, [OPEN_ONCE, path]);
  return JSON.parse(stdout) as { code: string; message?: string };
}

async function makeStore(path: string): Promise<void> {
  const store = await createSqliteEventStore({ path });
  await store.append(stream, numberedEvents(1_000), 'any');
  await store.close();
}

/**
 * What is in a folder, by name, without the index that SQLite makes for itself beside a log. No store of this process
 * may be open in it: reading would end its lock.
 */
function readFolder(folder: string): Map<string, string> {
  const names = readdirSync(folder).filter((name) => !name.endsWith('-shm'));
  return new Map(names.map((name) => [name, hash('sha256', readFileSync(join(folder, name)))]));
}

async function expectRefusal(path: string, code: string, reason: RegExp): Promise<void> {
  const before = readFolder(dirname(path));

  const error: unknown = await open(path).catch((thrown: unknown) => thrown);

  assert(error instanceof EventStoreError, `it was not refused: ${String(error)}`);
  expect(error.code).toBe(code);
  expect(error.message).toMatch(reason);
  expect(error.message).toContain(path);
  expect(error.message).not.toContain('\n');
  expect(readFolder(dirname(path))).toEqual(before);
}

function makeForeignDatabase(path: string, sql: string): void {
  const database = new DatabaseSync(path);
  database.exec(sql);
  database.close();
}

describe('opening an event store in SQLite', { timeout: 30_000 }, () => {
  it('makes the file and its folders', async () => {
    const path = join(await createTemporaryFolder(), 'a', 'b', 'weft.db');
    const store = await open(path);
    await store.append(stream, numberedEvents(1), 'any');
    await store.close();

    expect(toData(await readEvents(await open(path), stream))).toEqual([0]);
    expect(readdirSync(dirname(path))).toEqual(['weft.db', 'weft.db-wal']);
  });

  it('takes an empty file as a new store', async () => {
    const path = join(await createTemporaryFolder(), 'weft.db');
    writeFileSync(path, '');
    const store = await open(path);

    expect(await store.append(stream, numberedEvents(1), 'no-stream')).toMatchObject({ outcome: 'appended' });
  });

  it('[EVS8] waits for the disk at each commit', async () => {
    const database = openDatabase(join(await createTemporaryFolder(), 'weft.db'));
    onTestFinished(() => database.close());

    // What a SIGKILL cannot show: the machine may lose its power too. 2 is FULL.
    expect(database.prepare('PRAGMA synchronous').get()).toEqual({ synchronous: 2n });
    expect(database.prepare('PRAGMA journal_mode').get()).toEqual({ journal_mode: 'wal' });
  });

  it('[EVS9] refuses a file that another store of this process has, and leaves that one its lock', async () => {
    const path = join(await createTemporaryFolder(), 'weft.db');
    const store = await open(path);
    for (let attempt = 0; attempt < 2; attempt += 1) {
      await expect(open(path)).rejects.toMatchObject({ name: 'EventStoreError', code: 'in-use' });
    }
    expect(await openInOtherProcess(path)).toMatchObject({ code: 'in-use' });

    await store.append(stream, numberedEvents(1), 'any');
    await store.close();
    expect(toData(await readEvents(await open(path), stream))).toEqual([0]);
  });

  it('[EVS9] refuses a file that another process has, with one line', async () => {
    const path = join(await createTemporaryFolder(), 'weft.db');
    const store = await open(path);
    await store.append(stream, numberedEvents(3), 'any');

    const refusal = await openInOtherProcess(path);

    expect(refusal.code).toBe('in-use');
    expect(refusal.message).toContain(path);
    expect(refusal.message).not.toContain('\n');
    expect(toData(await readEvents(store, stream))).toEqual([0, 1, 2]);
    await store.close();
    expect(await openInOtherProcess(path)).toEqual({ code: 'opened' });
  });

  it.each([
    ['a text', Buffer.from('Dear diary,\n'.repeat(2_000))],
    ['a few bytes', Buffer.from([1, 2, 3])],
    ['zeros', Buffer.alloc(65_536)],
  ])('[EVS9] refuses a file that is no SQLite file: %s', async (_, content) => {
    const path = join(await createTemporaryFolder(), 'weft.db');
    writeFileSync(path, content);
    await expectRefusal(path, 'not-a-store', /no SQLite file/);
  });

  it.each([
    ['that says nothing of its owner', 'CREATE TABLE streams (id)'],
    ["with another application's id", 'PRAGMA application_id = 7; CREATE TABLE streams (id)'],
    ['with a write-ahead log', 'PRAGMA journal_mode = WAL; CREATE TABLE streams (id)'],
  ])('[EVS9] refuses a SQLite file of something else: one %s', async (_, sql) => {
    const path = join(await createTemporaryFolder(), 'weft.db');
    makeForeignDatabase(path, sql);
    await expectRefusal(path, 'not-a-store', /belongs to another application/);
  });

  it('[EVS9] refuses a store in a format of a later version', async () => {
    const path = join(await createTemporaryFolder(), 'weft.db');
    await makeStore(path);
    makeForeignDatabase(path, 'PRAGMA user_version = 2');
    await expectRefusal(path, 'not-a-store', /its format is 2, and this version reads 1/);
  });

  it('[EVS9] refuses a damaged file', async () => {
    const path = join(await createTemporaryFolder(), 'weft.db');
    await makeStore(path);
    const bytes = readFileSync(path);
    bytes.fill(0xa5, 4_096 * 3, 4_096 * 20);
    writeFileSync(path, bytes);
    await expectRefusal(path, 'corrupt', /restore it from a backup/);
  });

  it('[EVS9] refuses a file that was cut off', async () => {
    const path = join(await createTemporaryFolder(), 'weft.db');
    await makeStore(path);
    truncateSync(path, readFileSync(path).length / 2);
    await expectRefusal(path, 'corrupt', /restore it from a backup/);
  });

  it('[EVS9] refuses a store of which tables are missing', async () => {
    const path = join(await createTemporaryFolder(), 'weft.db');
    await makeStore(path);
    makeForeignDatabase(path, 'DROP TABLE streams');
    await expectRefusal(path, 'corrupt', /streams/);
  });

  it('[EVS9] refuses a damaged file whose newest events are in the log beside it, and keeps both', async () => {
    const folder = await createTemporaryFolder();
    const crashed = join(folder, 'crashed', 'weft.db');
    const path = join(folder, 'damaged', 'weft.db');
    await makeStore(crashed);
    const database = new DatabaseSync(crashed);
    database.exec('UPDATE streams SET lastRevision = 1');
    mkdirSync(dirname(path));
    for (const suffix of ['', '-wal']) copyFileSync(crashed + suffix, path + suffix);
    database.close();
    const bytes = readFileSync(path);
    bytes.fill(0xa5, 4_096 * 3, 4_096 * 20);
    writeFileSync(path, bytes);

    expect(readFileSync(`${path}-wal`).length).toBeGreaterThan(0);
    await expectRefusal(path, 'corrupt', /restore it from a backup/);
  });

  it.each([
    ['in a folder that is a file', (folder: string) => join(folder, 'file', 'weft.db'), 'unwritable'],
    ['in a folder that cannot be made', () => '/proc/weft/weft.db', 'unwritable'],
    ['that is a folder', (folder: string) => folder, 'not-a-store'],
  ])('[EVS9] refuses a path %s', async (_, toPath, code) => {
    const folder = await createTemporaryFolder();
    writeFileSync(join(folder, 'file'), 'text');
    const path = toPath(folder);

    const error: unknown = await open(path).catch((thrown: unknown) => thrown);

    assert(error instanceof EventStoreError, 'it was not refused');
    expect(error.code).toBe(code);
    expect(error.message).toContain(path);
    expect(error.message).not.toContain('\n');
    expect(readFileSync(join(folder, 'file'), 'utf8')).toBe('text');
  });

  it('keeps numbering, truncation and tombstones when it is opened again', async () => {
    const path = join(await createTemporaryFolder(), 'weft.db');
    const [truncated, emptied, ended] = ['a', 'b', 'c'].map((id) => toStreamName('note', id));
    assert(truncated && emptied && ended);
    const event = jsonEvent('repeated');
    const before = await open(path);
    for (const name of [truncated, emptied, ended]) await before.append(name, numberedEvents(3), 'any');
    const first = await before.append(truncated, [event], 'any');
    await before.truncateBefore(truncated, 2n);
    await before.truncateBefore(emptied, 3n);
    const newest = await before.append(ended, numberedEvents(1), 'any');
    await before.tombstone(ended);
    await before.close();

    const store = await open(path);
    expect(toData(await readEvents(store, truncated))).toEqual([2, 'repeated']);
    expect(await store.readStream(emptied)).toEqual({ outcome: 'read', events: [], lastRevision: 2n });
    expect(await store.readStream(ended)).toEqual({ outcome: 'tombstoned' });
    expect(await store.append(truncated, [event], 'no-stream')).toEqual({ ...first, repeated: true });
    expect(await store.append(ended, numberedEvents(1), 'any')).toEqual({ outcome: 'tombstoned' });
    const next = await store.append(emptied, numberedEvents(1), 2n);
    assert(next.outcome === 'appended' && newest.outcome === 'appended');
    expect(next).toMatchObject({ firstRevision: 3n, lastRevision: 3n });
    expect(next.position).toBeGreaterThan(newest.position);
  });
});
