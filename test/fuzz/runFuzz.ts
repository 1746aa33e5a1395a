import { encodeTextFrame, type TextKind } from '@weft/client/protocol';
import * as Y from 'yjs';
import { randomFrom, type SeededRandom } from '../support/seededRandom.ts';
import { Arena, type StepResult } from './arena.ts';
import { HonestEditor, type HonestUpdate } from './honestEditor.ts';
import { createHostileFrame, createLargeFrame } from './hostileFrame.ts';
import type { Ids } from './oddValues.ts';
import {
  type Failure,
  type FrameStep,
  HONEST,
  HOSTILE,
  type Sender,
  type Sequence,
  type Step,
} from './sequence.ts';
import { createStage } from './stage.ts';

export type FuzzTally = {
  cases: number;
  readonly outcomes: Map<string, number>;
  slowest: number;
  readonly failures: Map<string, number>;
};

export type FoundFailure = Failure & { readonly sequence: Sequence };

export type FuzzOptions = {
  readonly cases: number;
  readonly seed: number;
  /** Default: both kinds. */
  readonly texts?: readonly TextKind[];
  /** Called with each failure, and all that led to it. */
  readonly onFailure?: (found: FoundFailure) => Promise<void> | void;
  readonly onProgress?: (tally: FuzzTally) => void;
  readonly signal?: AbortSignal;
};

/** Documents stay small, so that cases stay fast. */
const CASES_PER_TEXT = 300;
const CASES_PER_STAGE = 30_000;
const COMPARE_EVERY = 75;
/** Each of this many cases is a large update. */
const LARGE_EVERY = 20_000;
/** Milliseconds of processor time that no case may take. */
const MOST_TIME_MS = 100;
const TIMED_AGAIN = 3;

/** Sends frames good and bad into texts, and judges what becomes of each. */
export async function runFuzz(options: FuzzOptions): Promise<FuzzTally> {
  const { cases, seed, texts = ['text', 'text', 'rich-text'], onFailure, onProgress, signal } = options;
  const random = randomFrom(seed);
  const tally: FuzzTally = { cases: 0, outcomes: new Map(), slowest: 0, failures: new Map() };
  let stage = createStage();
  try {
    for (let stageCases = 0; tally.cases < cases && signal?.aborted !== true; stageCases += CASES_PER_TEXT) {
      if (stageCases >= CASES_PER_STAGE) {
        await stage.close();
        stage = createStage();
        stageCases = 0;
      }
      const found = await fuzzOneText(new Arena({ stage, kind: random.oneOf(texts) }), random, tally);
      onProgress?.(tally);
      if (!found) continue;
      tally.failures.set(found.rule, (tally.failures.get(found.rule) ?? 0) + 1);
      await onFailure?.(found);
    }
  } finally {
    await stage.close();
  }
  return tally;
}

async function fuzzOneText(
  arena: Arena,
  random: SeededRandom,
  tally: FuzzTally,
): Promise<FoundFailure | undefined> {
  const { kind } = arena;
  const steps: Step[] = [];
  const people = createPeople(arena, random);
  try {
    for (let number = 1; number <= CASES_PER_TEXT; number++) {
      for (const step of people.next()) {
        steps.push(step);
        tally.cases += 1;
        const result = await arena.take(step);
        count(tally, result);
        const failure = result.failure ?? (await timeAgain(result, { text: kind, steps }));
        if (failure) return { ...failure, sequence: { text: kind, steps } };
      }
      // What is large stays large: every case after it would take long.
      if (people.wasLarge()) break;
      if (number % COMPARE_EVERY !== 0 || number === CASES_PER_TEXT) continue;
      const failure = await arena.compare();
      if (failure) return { ...failure, sequence: { text: kind, steps } };
    }
    const failure = await arena.compare();
    return failure && { ...failure, sequence: { text: kind, steps } };
  } finally {
    people.destroy();
    await arena.close();
  }
}

function count(tally: FuzzTally, { outcome, took }: StepResult): void {
  const name = outcome.kind === 'refused' ? `refused ${outcome.reason}` : outcome.kind;
  tally.outcomes.set(name, (tally.outcomes.get(name) ?? 0) + 1);
  tally.slowest = Math.max(tally.slowest, took);
}

/** A step that took long is timed again by itself: another program may have had the processor's caches. */
async function timeAgain({ took }: StepResult, sequence: Sequence): Promise<Failure | undefined> {
  let least = took;
  for (let time = 0; time < TIMED_AGAIN && least > MOST_TIME_MS; time++) {
    const again = await replay(sequence);
    least = Math.min(least, again.lastTook);
  }
  return least > MOST_TIME_MS ? { rule: 'slow', detail: `${least.toFixed(0)} ms` } : undefined;
}

export type Replayed = { readonly failure: Failure | undefined; readonly lastTook: number };

/** Does it all again, in a text of its own. */
export async function replay({ text, steps }: Sequence): Promise<Replayed> {
  const stage = createStage();
  const arena = new Arena({ stage, kind: text });
  try {
    let lastTook = 0;
    for (const step of steps) {
      const { failure, took } = await arena.take(step);
      lastTook = took;
      if (failure) return { failure, lastTook };
    }
    return { failure: await arena.compare(), lastTook };
  } finally {
    await arena.close();
    await stage.close();
  }
}

/** Each of so many thousand cases. */
const REOPENED = 2;
const ERASED = 3;
const TOGETHER = 60;
const HONESTLY = 150;

type People = { next(): readonly Step[]; wasLarge(): boolean; destroy(): void };

function createPeople(arena: Arena, random: SeededRandom): People {
  const editors = HONEST.map((name, index) => ({
    name,
    index,
    epoch: 0,
    editor: new HonestEditor(arena.kind, random, 100 + index),
  }));
  const ownIds: Record<string, readonly number[]> = {
    eve: [1_000, 500_000, 4_000_000_000],
    mal: [2_000, 600_000, 4_100_000_000],
  };

  let isLarge = false;

  function idsOf(sender: Sender): Ids {
    const all = [...arena.witness.doc.store.clients.keys()];
    const first = ownIds[sender] ?? [];
    const own = arena.epoch === 0 ? first : [...first.slice(0, 1), ...first.map((id) => id + arena.epoch)];
    return { random, own, all, clockOf: (client) => arena.witness.clockOf(client) };
  }

  function editHonestly(who = random.oneOf(editors)): FrameStep[] {
    const { name, index, editor } = who;
    const toStep = ({ isWhole, update }: HonestUpdate): FrameStep => {
      const frame = encodeTextFrame({ kind: isWhole ? 'sync-step-2' : 'update', update });
      return { kind: 'frame', as: name, frame };
    };
    if (who.epoch !== arena.epoch) {
      // An old copy comes back, or goes on; then its owner begins anew.
      const old = random.integer(2) === 0 ? [] : [editor.whole(), ...editor.edit()];
      editor.destroy();
      who.epoch = arena.epoch;
      who.editor = new HonestEditor(arena.kind, random, 100 + index + 10 * arena.epoch);
      return old.map(toStep);
    }
    if (random.integer(4) > 0) editor.read(arena.shown);
    return editor.edit().map(toStep);
  }

  function attack(as: Sender): FrameStep {
    const whole = () => Y.encodeStateAsUpdate(arena.witness.doc);
    const frame = createHostileFrame({ ids: idsOf(as), shown: arena.shown, whole });
    return { kind: 'frame', as, frame };
  }

  /** One frame of each, in any order. */
  function sendTogether(): Step {
    const honest = editors.flatMap((who) => editHonestly(who).slice(0, 1));
    const frames = [...honest, ...HOSTILE.map(attack)];
    const at = random.integer(frames.length);
    return { kind: 'burst', frames: [...frames.slice(at), ...frames.slice(0, at)] };
  }

  return {
    next: () => {
      const choice = random.integer(1000);
      if (choice < REOPENED) return [{ kind: 'reopen', withSnapshot: choice === 0 }];
      if (choice < ERASED) return [{ kind: 'epoch' }];
      if (choice < TOGETHER) return [sendTogether()];
      if (choice < TOGETHER + HONESTLY) return editHonestly();
      const as = random.oneOf([...HOSTILE]);
      isLarge = random.integer(LARGE_EVERY) === 0;
      return [isLarge ? { kind: 'frame', as, frame: createLargeFrame(idsOf(as)) } : attack(as)];
    },
    wasLarge: () => isLarge,
    destroy: () => {
      for (const { editor } of editors) editor.destroy();
    },
  };
}
