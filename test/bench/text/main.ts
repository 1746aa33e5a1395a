// Measures live text beside a bare relay and other servers, in the same run: see docs/benchmarks.md.
import { writeFileSync } from 'node:fs';
import { availableParallelism, cpus, totalmem } from 'node:os';
import { resolve } from 'node:path';
import { measureDiskTime } from '../support/diskTime.ts';
import { createResources } from '../support/resources.ts';
import { toMeasurements } from './catalogue.ts';
import { installPeers } from './installPeers.ts';
import { type Options, readOptions, USAGE } from './options.ts';
import { type Peer, toPeer } from './peers.ts';
import type { RowFigures } from './rows.ts';
import { reportGoals, reportRow, type Row } from './table.ts';
import { readOptionsOrExit } from '../../support/readOptionsOrExit.ts';

await run(readOptionsOrExit(readOptions, USAGE));

async function run(options: Options): Promise<void> {
  using resources = createResources();
  const machine = {
    cpu: cpus()[0]?.model,
    cores: availableParallelism(),
    memoryGb: Math.round(totalmem() / 2 ** 30),
    node: process.version,
    fdatasyncMs: measureDiskTime(resources),
  };
  const { cores, cpu, memoryGb, node, fdatasyncMs } = machine;
  const disk = `an fdatasync takes ${fdatasyncMs.toFixed(2)} ms`;
  console.log(`${cores} cores (${cpu}), ${memoryGb} GB, Node ${node}; ${disk}`);
  const peers = options.peers.map(toPeer);
  if (peers.some(({ name }) => name !== 'relay' && name !== 'weft')) installPeers();
  const nodeArgsOf = ({ name }: Peer) =>
    options.profile !== undefined && name === 'weft'
      ? ['--cpu-prof', `--cpu-prof-dir=${resolve(options.profile)}`]
      : [];

  const measured: { row: Row; figures: RowFigures[] }[] = [];
  for (const { rows, measure } of toMeasurements(options)) {
    const figures = await attempt(async () => {
      using own = resources.use(new DisposableStack());
      return await measure({ options, peers, resources: own, nodeArgsOf });
    });
    if (!figures || figures.length === 0) continue;
    for (const row of rows.filter(({ name }) => options.rows.includes(name))) {
      console.log(`\n${reportRow(row, peers, figures)}`);
      measured.push({ row, figures });
    }
    // A later row may end the process.
    writeFigures();
  }
  if (options.hasGoals) console.log(`\n${reportGoals(peers, measured)}`);

  function writeFigures(): void {
    if (options.json === undefined) return;
    const rows = measured.map(({ row, figures }) => ({ name: row.name, figures }));
    writeFileSync(options.json, `${JSON.stringify({ machine, options, rows }, null, 2)}\n`);
  }
}

/** A row that could not be measured is no reason to throw away the others. */
async function attempt<Result>(measure: () => Promise<Result>): Promise<Result | undefined> {
  try {
    return await measure();
  } catch (error) {
    console.error(error);
    process.exitCode = 1;
    return undefined;
  }
}
