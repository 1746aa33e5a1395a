import { type Clock, systemClock } from '../../lifecycle/clock.ts';
import { toWorkerUrl } from '../../lifecycle/toWorkerUrl.ts';
import { createJobQueue } from '../document/jobQueue.ts';
import { compareTexts, type TextPair, type TextRun } from './compareTexts.ts';
import type { CompareAnswer, CompareJob } from './compareWorker.ts';

/** Code units of both texts up to which comparing them keeps nobody waiting. */
const MAX_INLINE_LENGTH = 1024;

/** Each may hold two large texts for as long as it waits. */
const MAX_WAITING = 32;

/** Compares texts: short ones at once, others one after the other in a worker thread. */
export type TextComparer = {
  /**
   * Undefined where too many wait already. Rejects where it takes longer than ten seconds, or the worker failed or has
   * ended.
   */
  compare(pair: TextPair): Promise<readonly TextRun[] | undefined>;
  /** Ends the worker. Idempotent. */
  close(): Promise<void>;
};

export type TextComparerOptions = {
  /** Measures how long a comparison runs. Default: the system's time. */
  readonly clock?: Clock | undefined;
};

const MAX_COMPARING_MS = 10_000;

/**
 * The worker starts with the first texts that need it, and anew after it failed or took too long. Whoever creates this
 * closes it.
 */
export function createTextComparer({ clock = systemClock }: TextComparerOptions = {}): TextComparer {
  const queue = createJobQueue<CompareJob, CompareAnswer>({
    worker: toWorkerUrl('compareWorker', import.meta.url),
    name: 'comparer',
    clock,
    maxMilliseconds: MAX_COMPARING_MS,
    maxJobs: MAX_WAITING,
    maxBytes: Infinity,
  });
  return {
    compare: async (pair) => {
      const length = pair.older.length + pair.newer.length;
      if (length <= MAX_INLINE_LENGTH) return compareTexts(pair);
      if (!queue.hasRoomFor(length)) return undefined;
      const answer = await queue.ask(pair, length);
      if (answer.outcome === 'failed') throw new Error(answer.error);
      return answer.runs;
    },
    close: () => queue.close(),
  };
}
