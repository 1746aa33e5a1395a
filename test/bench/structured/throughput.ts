import { openConnection } from './exchange.ts';
import { type Measurement, measureLoad } from './measureLoad.ts';
import { createEchoWriter, createNotes, createTokenWriter } from './notes.ts';
import type { Options } from './options.ts';
import { createTemporaryFolder } from './resources.ts';
import { startEcho, startNotes } from './serverUnderTest.ts';
import { deal } from './statistics.ts';
import { type Summary, summarise } from './summary.ts';

export type Throughput = { readonly weft: Summary; readonly echo: Summary };

/** Accepted writes with tokens, and beside them what Express alone takes, in alternating rounds. */
export async function measureThroughput(options: Options, resources: DisposableStack): Promise<Throughput> {
  const { rounds, seconds, connections, aggregates } = options;
  using own = resources.use(new DisposableStack());
  const weft = await startNotes(own, createTemporaryFolder(own));
  const echo = await startEcho(own);

  const client = await openConnection(weft.url);
  const ids = Array.from({ length: aggregates }, (_, index) => `n${index}`);
  const shares = deal(await createNotes(client, ids), connections);
  await client.destroy();
  const loads = {
    weft: { writers: shares.map(createTokenWriter), until: { seconds } },
    echo: { writers: shares.map(createEchoWriter), until: { seconds } },
  };

  await measureLoad(weft, loads.weft);
  await measureLoad(echo, loads.echo);
  const measured: { weft: Measurement[]; echo: Measurement[] } = { weft: [], echo: [] };
  for (let round = 0; round < rounds; round += 1) {
    measured.weft.push(await measureLoad(weft, loads.weft));
    measured.echo.push(await measureLoad(echo, loads.echo));
  }
  return { weft: summarise(measured.weft), echo: summarise(measured.echo) };
}
