import type { Client } from 'undici';
import { exchange, openConnection } from './exchange.ts';
import { measureLoad } from './measureLoad.ts';
import { createNotes, createTokenlessWriter, createTokenWriter, type KnownNote } from './notes.ts';
import type { Options } from './options.ts';
import { createTemporaryFolder } from '../support/resources.ts';
import { type ServerUnderTest, startNotes } from '../support/serverUnderTest.ts';
import { deal, median } from '../support/statistics.ts';
import { type Summary, summarise } from './summary.ts';

export type Growth = {
  /** Since the server's process was started on a store that holds all of the histories. */
  readonly start: { readonly events: number; readonly listeningMs: number; readonly listsReadyMs: number };
  /** Ascending by length. */
  readonly lengths: readonly LengthFigures[];
};

export type LengthFigures = Cold & {
  /** Events of a note before its writes are measured; after them it has at most twice as many. */
  readonly length: number;
  readonly writes: Summary;
};

/** The first request for a note since the server's start, with nothing else under way; medians. */
type Cold = { readonly coldReadMs: number; readonly coldWriteMs: number };

type History = { readonly length: number; readonly notes: readonly KnownNote[] };

const COLD_READS = 5;
const COLD_WRITES = 5;
// The first one is the warm-up.
const PASSES = 4;

/** Builds notes with histories of several lengths in one store, and measures what a write to each of them costs. */
export async function measureGrowth(options: Options, resources: DisposableStack): Promise<Growth> {
  using own = resources.use(new DisposableStack());
  const folder = createTemporaryFolder(own);
  const builder = await startNotes(own, folder);
  const histories: History[] = [];
  for (const length of options.lengths) {
    histories.push({ length, notes: await buildHistories(builder, length, options) });
  }
  await builder.stop();

  const startedAt = performance.now();
  const server = await startNotes(own, folder);
  const listeningMs = performance.now() - startedAt;
  const client = await openConnection(server.url);
  await read(client, '/api/note');
  const start = {
    events: histories.reduce((sum, { length, notes }) => sum + length * notes.length, 0),
    listeningMs,
    listsReadyMs: performance.now() - startedAt,
  };
  const colds = await measureCold(client, histories);
  await client.destroy();
  const writes = await measureWrites(server, histories, options);
  return {
    start,
    lengths: histories.map(({ length }, index) => ({
      length,
      ...at(colds, index),
      writes: at(writes, index),
    })),
  };
}

/** As many notes as it takes for the measured writes to no more than double any history. */
async function buildHistories(
  server: ServerUnderTest,
  length: number,
  options: Options,
): Promise<KnownNote[]> {
  const { connections } = options;
  const needed = Math.ceil((PASSES * writesOfPass(options)) / length / connections);
  const perConnection = Math.max(needed, Math.ceil((COLD_READS + COLD_WRITES) / connections));
  const ids = Array.from({ length: perConnection * connections }, (_, index) => `l${length}-${index}`);
  const client = await openConnection(server.url);
  const notes = await createNotes(client, ids);
  await client.destroy();
  await measureLoad(server, {
    writers: deal(notes, connections).map(createTokenlessWriter),
    until: { requestsEach: (length - 1) * perConnection },
  });
  return notes;
}

function writesOfPass({ writes, connections }: Options): number {
  return Math.ceil(writes / (PASSES - 1) / connections) * connections;
}

/** Lets the server open every note, so that nothing is cold after it. */
async function measureCold(client: Client, histories: readonly History[]): Promise<Cold[]> {
  const colds: Cold[] = [];
  for (const { notes } of histories) {
    const reads: number[] = [];
    for (const note of notes.slice(0, COLD_READS)) {
      reads.push(await time(() => read(client, pathOf(note))));
    }
    const writes: number[] = [];
    for (const note of notes.slice(COLD_READS, COLD_READS + COLD_WRITES)) {
      const writer = createTokenWriter([note]);
      writes.push(await time(async () => writer.take(await exchange(client, writer.next()))));
    }
    for (const note of notes.slice(COLD_READS + COLD_WRITES)) await read(client, pathOf(note));
    colds.push({ coldReadMs: median(reads), coldWriteMs: median(writes) });
  }
  return colds;
}

/** The lengths take turns, so that what else the machine does meets all of them. */
async function measureWrites(
  server: ServerUnderTest,
  histories: readonly History[],
  options: Options,
): Promise<Summary[]> {
  const { connections } = options;
  const requestsEach = writesOfPass(options) / connections;
  const loads = histories.map(({ notes }) => ({
    load: { writers: deal(notes, connections).map(createTokenWriter), until: { requestsEach } },
    passes: [] as Awaited<ReturnType<typeof measureLoad>>[],
  }));
  for (let pass = 0; pass < PASSES; pass += 1) {
    for (const { load, passes } of loads) passes.push(await measureLoad(server, load));
  }
  return loads.map(({ passes }) => summarise(passes.slice(1)));
}

function pathOf({ id }: KnownNote): string {
  return `/api/note/${id}`;
}

async function read(client: Client, path: string): Promise<void> {
  const { status, body } = await exchange(client, { method: 'GET', path });
  if (status !== 200) throw new Error(`GET ${path} was answered ${status}: ${body}`);
}

async function time(act: () => Promise<void>): Promise<number> {
  const startedAt = performance.now();
  await act();
  return performance.now() - startedAt;
}

function at<Value>(values: readonly Value[], index: number): Value {
  const value = values[index];
  if (value === undefined) throw new RangeError(`there is no value ${index}`);
  return value;
}
