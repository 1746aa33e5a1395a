import { assert } from 'vitest';
import type { AppendResult } from '../../../server/src/event-store/eventStore.ts';

export type Appended = Extract<AppendResult, { outcome: 'appended' }>;

/** For appends that are a test's preparation. */
export function assertAppended(result: AppendResult): Appended {
  assert(result.outcome === 'appended', `expected an append, got ${result.outcome}`);
  return result;
}
