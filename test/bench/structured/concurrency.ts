import { openConnection } from './exchange.ts';
import { measureLoad } from './measureLoad.ts';
import { createNotes, createTokenWriter } from './notes.ts';
import type { Options } from './options.ts';
import { createTemporaryFolder } from '../support/resources.ts';
import { type ServerUnderTest, startNotes } from '../support/serverUnderTest.ts';
import { deal } from '../support/statistics.ts';
import { type Summary, summarise } from './summary.ts';

const CONNECTIONS = [1, 4, 16, 64];

export type Concurrency = readonly {
  readonly connections: number;
  readonly writes: Summary;
  /** How many writes shared a commit, and its wait for the disk. */
  readonly writesPerCommit: number;
}[];

/** The same writes by ever more writers at once. */
export async function measureConcurrency(
  { aggregates, rounds, seconds }: Options,
  resources: DisposableStack,
): Promise<Concurrency> {
  using own = resources.use(new DisposableStack());
  const server = await startNotes(own, createTemporaryFolder(own));
  const client = await openConnection(server.url);
  const ids = Array.from({ length: Math.max(aggregates, ...CONNECTIONS) }, (_, index) => `n${index}`);
  const notes = await createNotes(client, ids);
  await client.destroy();
  const loadOf = (connections: number) => ({
    writers: deal(notes, connections).map(createTokenWriter),
    until: { seconds },
  });
  await measureLoad(server, loadOf(16));
  const figures = [];
  for (const connections of CONNECTIONS) {
    const before = await readCounts(server);
    const measured = [];
    for (let round = 0; round < rounds; round += 1)
      measured.push(await measureLoad(server, loadOf(connections)));
    const after = await readCounts(server);
    const writesPerCommit = (after.writes - before.writes) / (after.commits - before.commits);
    figures.push({ connections, writes: summarise(measured), writesPerCommit });
  }
  return figures;
}

async function readCounts({ url }: ServerUnderTest): Promise<{ commits: number; writes: number }> {
  const text = await (await fetch(`${url}/metrics`)).text();
  const read = (name: string) => {
    const [, count] = new RegExp(`^${name} (\\d+)$`, 'm').exec(text) ?? [];
    if (count === undefined) throw new Error(`the server does not count ${name}`);
    return Number(count);
  };
  return { commits: read('weft_store_commits_total'), writes: read('weft_store_writes_total') };
}
