import { join } from 'node:path';
import { setTimeout as pass } from 'node:timers/promises';
import { call } from '../support/httpClient.ts';
import { randomFrom, type SeededRandom } from '../support/seededRandom.ts';
import { until } from '../support/until.ts';
import { type CrashServer, startCrashServer } from './crashServer.ts';
import { type Crew, createCrew } from './crew.ts';
import { Ledger } from './ledger.ts';
import type { Options } from './options.ts';
import { createPhaseFinder, type FilePhase } from './phases.ts';
import { findFaultsInFile, hasGap } from './readBack.ts';
import type { SavedText } from './savedText.ts';

/** Where a kill met the server: as the clients saw it, or as the file tells. */
export type Phase = FilePhase | 'start' | 'opening' | 'append';

export type Tally = {
  points: number;
  readonly phases: Map<Phase, number>;
  /** How often everyone was seen to have the text that the server has. */
  converged: number;
  /** How often every stream of the file was read. */
  readBack: number;
  /** Sentences; nothing may be wrong. */
  readonly faults: string[];
  frames: number;
  titles: number;
  readonly words: Ledger['counts'];
};

export type RunOptions = Options & {
  /** An empty folder, for the server's file. */
  readonly folder: string;
  /** Every so many points the server is stopped and its file read. Default: 50. */
  readonly readBackEvery?: number;
  readonly onPoint?: (tally: Tally) => void;
  /** Ends the run after the present point. */
  readonly signal?: AbortSignal;
};

/** When the server is killed. */
type Moment =
  | { readonly during: 'start'; readonly delay: number }
  | { readonly during: 'opening'; readonly delay: number }
  | { readonly during: 'work'; readonly delay: number };

const READ_BACK_EVERY = 50;

// A busy machine is no failure; a state that never comes is.
const CONVERGE_TIMEOUT_MS = 30_000;

/** Kills a server again and again under people who use it, and looks each time what is left. */
export async function runCrash(options: RunOptions): Promise<Tally> {
  const { points, folder, readBackEvery = READ_BACK_EVERY, onPoint, signal } = options;
  const server = await startCrashServer(folder);
  try {
    const run = await createRun(server, options);
    let readBackAt = readBackEvery;
    while (run.tally.points < points && run.tally.faults.length === 0 && signal?.aborted !== true) {
      await run.point();
      if (run.tally.points >= readBackAt) {
        await run.readBack();
        readBackAt += readBackEvery;
      }
      onPoint?.(run.tally);
    }
    await run.converge();
    await run.readBack();
    return run.tally;
  } finally {
    await server.dispose();
  }
}

type Run = {
  readonly tally: Tally;
  point(): Promise<void>;
  converge(): Promise<void>;
  readBack(): Promise<void>;
};

async function createRun(server: CrashServer, { seed, clients, folder }: RunOptions): Promise<Run> {
  const random = randomFrom(seed);
  const ledger = new Ledger();
  const crew = createCrew(server.url, ledger, random, clients);
  const findPhases = createPhaseFinder();
  const texts = crew.people.flatMap((person) => person.texts);
  const tally: Tally = {
    points: 0,
    phases: new Map(),
    converged: 0,
    readBack: 0,
    faults: [],
    frames: 0,
    titles: 0,
    words: ledger.counts,
  };
  for (const note of crew.notes)
    await call(`${server.url}/api/note/${note}`, 'PUT', { body: { title: 'start' } });

  function hit(phase: Phase): void {
    tally.phases.set(phase, (tally.phases.get(phase) ?? 0) + 1);
  }

  async function stopEveryone(): Promise<void> {
    await Promise.all(crew.people.map((person) => person.stop()));
    for (const text of texts) ledger.show(text.note, text.author, text.text);
    tally.frames = texts.reduce((sum, text) => sum + text.frames, 0);
    tally.titles = crew.retitlers.reduce((sum, retitler) => sum + retitler.accepted, 0);
  }

  async function point(): Promise<void> {
    const moment = chooseMoment(random);
    if (moment.during === 'work') await converge();
    for (const person of crew.people) person.start();
    await pass(moment.delay);
    const underWay = texts.some((text) => text.isSynced && text.framesUnderWay > 0);
    const opening = texts.some((text) => text.isOpening);
    await server.kill();
    await stopEveryone();
    if (underWay) hit('append');
    if (opening) hit('opening');
    for (const phase of findPhases(server.file, join(folder, 'left.db'))) hit(phase);
    if (moment.during === 'start') await killWhileStarting(moment.delay);
    await server.start();
    tally.points += 1;
    tally.faults.push(...(await findFaults(server.url, crew, ledger)));
  }

  async function killWhileStarting(delay: number): Promise<void> {
    const started = server.start();
    await pass(delay);
    await server.kill();
    if (!(await started)) hit('start');
    tally.points += 1;
  }

  async function converge(): Promise<void> {
    for (const person of crew.people) person.connect();
    const byNote = Map.groupBy(texts, ({ note }) => note);
    await Promise.all([...byNote].map(([note, copies]) => convergeOne(note, copies)));
    tally.converged += 1;
  }

  async function convergeOne(note: string, copies: readonly SavedText[]): Promise<void> {
    await until(() => copies.every(({ isSaved }) => isSaved), {
      describe: `everything of ${note} to be saved`,
      timeoutMs: CONVERGE_TIMEOUT_MS,
    });
    await until(() => haveOneText(server.url, note, copies), {
      describe: `one text of ${note} at everybody`,
      timeoutMs: CONVERGE_TIMEOUT_MS,
    });
    if (copies.some(({ doc }) => hasGap(doc))) tally.faults.push(`somebody has a gap in ${note}`);
  }

  async function readBack(): Promise<void> {
    const code = await server.stop();
    await stopEveryone();
    if (code !== 0) tally.faults.push(`the server ended with ${code} when it was asked to stop`);
    tally.faults.push(...(await findFaultsInFile(server.file, ledger)));
    tally.readBack += 1;
    await server.start();
  }

  return { tally, point, converge, readBack };
}

/** Spread such that every phase is met: what takes longer is met more often by itself. */
function chooseMoment(random: SeededRandom): Moment {
  const kind = random.integer(20);
  if (kind === 0) return { during: 'start', delay: random.integer(60) };
  if (kind < 5) return { during: 'opening', delay: random.integer(60) };
  return { during: 'work', delay: random.integer(200) };
}

async function readText(url: string, note: string): Promise<string> {
  const answer = await call(`${url}/api/note/${note}/texts/body`, 'GET');
  if (answer.status !== 200) throw new Error(`${note} was answered ${answer.status}: ${answer.text}`);
  return answer.text;
}

/** What is not there that must be, and what is there that must not. */
async function findFaults(url: string, { texts: notes, retitlers }: Crew, ledger: Ledger): Promise<string[]> {
  const texts = await Promise.all(
    notes.map(async (note) => ledger.findFaults(note, await readText(url, note))),
  );
  const titles = await Promise.all(retitlers.map((retitler) => retitler.findFaults()));
  return [...texts, ...titles].flat();
}

async function haveOneText(url: string, note: string, copies: readonly SavedText[]): Promise<boolean> {
  const [first, ...others] = copies.map(({ text }) => text);
  return others.every((text) => text === first) && (await readText(url, note)) === first;
}
