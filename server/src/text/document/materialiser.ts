import { hash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { type Clock, systemClock } from '../../lifecycle/clock.ts';
import { toWorkerUrl } from '../../lifecycle/toWorkerUrl.ts';
import { type EditOrder, type MadeEdit, makeEdit } from '../edits/makeEdit.ts';
import { createJobQueue } from './jobQueue.ts';
import { type Materialised, materialise } from './materialise.ts';
import type { Made, MaterialiseAnswer, MaterialiseTask } from './materialiseWorker.ts';

/** Up to this size a text is materialised in a millisecond or two, about what a round trip to a thread costs. */
const MAX_INLINE_BYTES = 4 * 1024;

/** The same for what an edit is made of. Comparing takes longer than reading: at worst about ten milliseconds. */
const MAX_INLINE_EDIT_BYTES = 1024;

/** Materialises whole texts: small ones at once, others in a worker thread, so that nobody waits for a large one. */
export type Materialiser = {
  /**
   * Rejects where it cannot be made or takes longer than ten seconds, or where it needs the worker and that has ended;
   * with an `OverloadedError` where too many wait.
   */
  make<Kind extends keyof Materialised>(
    kind: Kind,
    whole: Uint8Array,
    field: string,
  ): Promise<Materialised[Kind]>;
  /** Makes an edit of a text. Rejects as `make` does. */
  edit(order: EditOrder): Promise<MadeEdit>;
  /** Ends the worker. Idempotent. */
  close(): Promise<void>;
};

export type MaterialiserOptions = {
  /** Measures how long a job runs. Default: the system's time. */
  readonly clock?: Clock | undefined;
};

/** A text of millions of edits takes a second or two. What takes longer was made to. */
const MAX_JOB_MS = 10_000;

const MAX_WAITING_JOBS = 1_000;
const MAX_WAITING_BYTES = 256 * 1024 * 1024;

/** For how long a text that took too long is not tried again: until then it would only keep the others waiting. */
const SLOW_FOR_MS = 60_000;
const MAX_SLOW = 1_000;

/**
 * The worker starts with the first text that needs it, and anew after it failed or a job took longer than ten seconds.
 * Whoever creates this closes it.
 */
export function createMaterialiser({ clock = systemClock }: MaterialiserOptions = {}): Materialiser {
  // By size: only texts of a size that was slow have to be told apart by their bytes.
  const slow = new LRUCache<number, { readonly digest: string; readonly until: number }>({ max: MAX_SLOW });

  function assertNotSlow(task: MaterialiseTask): void {
    const whole = wholeOf(task);
    const known = slow.get(whole.byteLength);
    if (known && clock.now() < known.until && known.digest === digestOf(whole)) {
      throw new Error('the text takes too long, as it did a short while ago');
    }
  }

  const queue = createJobQueue<MaterialiseTask, MaterialiseAnswer>({
    worker: toWorkerUrl('materialiseWorker', import.meta.url),
    name: 'materialiser',
    clock,
    maxMilliseconds: MAX_JOB_MS,
    maxJobs: MAX_WAITING_JOBS,
    maxBytes: MAX_WAITING_BYTES,
    onTurn: assertNotSlow,
    onExpired: (task) => {
      // Of an edit it may be what is edited that takes so long.
      if (task.task === 'edit') return;
      const { whole } = task;
      slow.set(whole.byteLength, { digest: digestOf(whole), until: clock.now() + SLOW_FOR_MS });
    },
  });

  async function ask(task: MaterialiseTask, bytes: number): Promise<Made> {
    const answer = await queue.ask(task, bytes);
    if (answer.outcome === 'failed') throw new Error(answer.error);
    return answer.value;
  }

  return {
    async make<Kind extends keyof Materialised>(kind: Kind, whole: Uint8Array, field: string) {
      if (whole.byteLength <= MAX_INLINE_BYTES) return materialise(kind, whole, field);
      // The worker answers with what the kind stands for.
      return (await ask({ task: 'materialise', kind, whole, field }, whole.byteLength)) as Materialised[Kind];
    },
    async edit(order) {
      const size = sizeOf(order);
      if (size <= MAX_INLINE_EDIT_BYTES) return makeEdit(order);
      const bytes = Number.isFinite(size) ? size : order.whole.byteLength;
      return (await ask({ task: 'edit', order }, bytes)) as MadeEdit;
    },
    close: () => queue.close(),
  };
}

function wholeOf(task: MaterialiseTask): Uint8Array {
  return task.task === 'edit' ? task.order.whole : task.whole;
}

function digestOf(bytes: Uint8Array): string {
  return hash('sha256', bytes, 'base64url');
}

/** About the bytes that an edit has to do with. Of content it is not known, which takes time itself to find out. */
function sizeOf({ whole, edit }: EditOrder): number {
  if (edit.kind === 'content') return Infinity;
  const inserted =
    edit.kind === 'text'
      ? edit.text.length
      : edit.edits.reduce((sum, { insert = '' }) => sum + insert.length + SPAN_BYTES, 0);
  return whole.byteLength + inserted;
}

/** What a span of an edit costs besides its text. */
const SPAN_BYTES = 16;
