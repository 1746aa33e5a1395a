// Measures structured writes over HTTP, beside a bare Express in the same run: see docs/benchmarks.md.
import { writeFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import { measureConcurrency } from './concurrency.ts';
import { measureGrowth } from './growth.ts';
import { type Options, readOptions, USAGE } from './options.ts';
import { reportConcurrency, reportGrowth, reportThroughput } from './report.ts';
import { createResources } from '../support/resources.ts';
import { measureThroughput } from './throughput.ts';
import { readOptionsOrExit } from '../../support/readOptionsOrExit.ts';

await run(readOptionsOrExit(readOptions, USAGE));

async function run(options: Options): Promise<void> {
  using resources = createResources();
  const machine = { cpu: cpus()[0]?.model, cores: availableParallelism(), node: process.version };
  console.log(`${machine.cores} cores (${machine.cpu}), Node ${machine.node}`);
  const throughput = options.parts.includes('throughput') && (await measureThroughput(options, resources));
  if (throughput) console.log(`\n${reportThroughput(throughput)}`);
  const concurrency = options.parts.includes('concurrency') && (await measureConcurrency(options, resources));
  if (concurrency) console.log(`\n${reportConcurrency(concurrency)}`);
  const growth = options.parts.includes('growth') && (await measureGrowth(options, resources));
  if (growth) console.log(`\n${reportGrowth(growth)}`);
  if (options.json !== undefined) {
    const figures = { machine, options, throughput, concurrency, growth };
    writeFileSync(options.json, `${JSON.stringify(figures, null, 2)}\n`);
  }
}
