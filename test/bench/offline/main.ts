// Ten thousand commands that waited on the device, sent while somebody types: see docs/benchmarks.md.
import { resolve } from 'node:path';
import { availableParallelism, cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { measureFlush, type Phase } from '../../browser/offline/measureFlush.ts';
import { servePage } from '../../browser/servedPage.ts';
import { launchChromium } from '../../support/chromium.ts';
import { toTable } from '../support/table.ts';

// The browser tells of tasks from here on: nobody notices shorter ones.
const LONGEST_TASK_MS = 50;
const PAGE = resolve(import.meta.dirname, '../../browser/offline');

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '3' } } });
const plan = { ofOne: 5_000, others: 500, ofEachOther: 10 };

await using resources = new AsyncDisposableStack();
const served = resources.adopt(await servePage(PAGE, ['client-sdk']), (page) => page.close());
const browser = resources.adopt(await launchChromium(), (started) => started.close());
console.log(`${availableParallelism()} cores (${cpus()[0]?.model}), Chromium ${browser.version()}`);

const rounds = [];
for (let round = 1; round <= Number(values.rounds); round++) {
  rounds.push(await measureFlush(browser, served.origin, plan));
}
const problems = rounds.flatMap((figures) => figures.problems);
if (problems.length > 0) throw new Error(`not as it was asked for: ${problems.slice(0, 9).join(', ')}`);
const longest = (times: readonly number[]) => Math.max(0, ...times);
const toRow = (name: string, { ms, longTasksMs, slowKeysMs }: Phase) => [
  name,
  (ms / 1000).toFixed(1),
  String(longTasksMs.length),
  longTasksMs.length === 0 ? `< ${LONGEST_TASK_MS}` : longest(longTasksMs).toFixed(0),
  slowKeysMs.length === 0 ? '< 16' : longest(slowKeysMs).toFixed(0),
];
console.log(
  toTable([
    [
      `${rounds[0]?.commands ?? 0} commands`,
      's',
      `tasks ≥ ${LONGEST_TASK_MS} ms`,
      'longest task, ms',
      'slowest key, ms',
    ],
    ...rounds.flatMap(({ load, flush }, index) => [
      toRow(`${index + 1}: loading`, load),
      toRow(`${index + 1}: sending`, flush),
    ]),
  ]),
);
// The best round: what else the machine does makes tasks longer, and nothing makes them shorter.
const best = Math.min(
  ...rounds.map(({ load, flush }) => longest([...load.longTasksMs, ...flush.longTasksMs])),
);
if (best >= LONGEST_TASK_MS) {
  console.error(`The page stood still for ${best.toFixed(0)} ms, also in the best round.`);
  process.exitCode = 1;
}
