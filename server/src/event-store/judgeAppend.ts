import type { AppendResult, ExpectedRevision, Position, Revision } from './eventStore.ts';

/** A stream's newest revision, also where that event is truncated. */
export type StreamState = Revision | 'no-stream' | 'tombstoned';

/** Where an event is stored. */
export type EventPlace = { readonly revision: Revision; readonly position: Position };

export type AppendVerdict =
  | { readonly verdict: 'append'; readonly firstRevision: Revision }
  | { readonly verdict: 'answer'; readonly result: AppendResult };

/** Decides an append. `places` holds for each of its events where its id is stored in the stream already. */
export function judgeAppend(
  state: StreamState,
  expected: ExpectedRevision,
  places: readonly (EventPlace | undefined)[],
): AppendVerdict {
  if (state === 'tombstoned') return { verdict: 'answer', result: { outcome: 'tombstoned' } };
  const repeat = toRepeat(places);
  if (repeat) return { verdict: 'answer', result: repeat };
  const isPartlyStored = places.some((place) => place !== undefined);
  if (isPartlyStored || !isExpected(state, expected)) {
    return { verdict: 'answer', result: { outcome: 'wrong-expected-revision', actual: state } };
  }
  return { verdict: 'append', firstRevision: state === 'no-stream' ? 0n : state + 1n };
}

function toRepeat(places: readonly (EventPlace | undefined)[]): AppendResult | undefined {
  const first = places[0];
  const last = places.at(-1);
  if (!first || !last) return undefined;
  const isInOrder = places.every((place, index) => place?.revision === first.revision + BigInt(index));
  if (!isInOrder) return undefined;
  return {
    outcome: 'appended',
    firstRevision: first.revision,
    lastRevision: last.revision,
    position: last.position,
    repeated: true,
  };
}

function isExpected(state: Revision | 'no-stream', expected: ExpectedRevision): boolean {
  if (expected === 'any') return true;
  if (expected === 'stream-exists') return state !== 'no-stream';
  return state === expected;
}
