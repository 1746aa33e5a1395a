import { openConnection } from './exchange.ts';
import { type Measurement, measureLoad } from './measureLoad.ts';
import { createEchoWriter, createNotes, createTokenWriter } from './notes.ts';
import type { Options } from './options.ts';
import { createTemporaryFolder } from '../support/resources.ts';
import { startNotes } from '../support/serverUnderTest.ts';
import { startEcho, startStoringEcho } from './serverUnderTest.ts';
import { deal } from '../support/statistics.ts';
import { type Summary, summarise } from './summary.ts';

export type Throughput = { readonly weft: Summary; readonly storing: Summary; readonly echo: Summary };

/** Accepted writes with tokens, beside what Express alone takes, with and without storing it, in alternating rounds. */
export async function measureThroughput(options: Options, resources: DisposableStack): Promise<Throughput> {
  const { rounds, seconds, connections, aggregates } = options;
  using own = resources.use(new DisposableStack());
  const weft = await startNotes(own, createTemporaryFolder(own));
  const storing = await startStoringEcho(own, createTemporaryFolder(own));
  const echo = await startEcho(own);

  const client = await openConnection(weft.url);
  const ids = Array.from({ length: aggregates }, (_, index) => `n${index}`);
  const shares = deal(await createNotes(client, ids), connections);
  await client.destroy();
  const echoed = { writers: shares.map(createEchoWriter), until: { seconds } };
  const subjects = {
    weft: { server: weft, load: { writers: shares.map(createTokenWriter), until: { seconds } } },
    storing: { server: storing, load: echoed },
    echo: { server: echo, load: echoed },
  };

  const measured: Record<keyof typeof subjects, Measurement[]> = { weft: [], storing: [], echo: [] };
  const names = Object.keys(subjects) as (keyof typeof subjects)[];
  for (const name of names) await measureLoad(subjects[name].server, subjects[name].load);
  for (let round = 0; round < rounds; round += 1) {
    for (const name of names) {
      measured[name].push(await measureLoad(subjects[name].server, subjects[name].load));
    }
  }
  return {
    weft: summarise(measured.weft),
    storing: summarise(measured.storing),
    echo: summarise(measured.echo),
  };
}
