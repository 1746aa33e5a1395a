import { expect, test } from 'vitest';
import { createSeededRandom } from '../../../test/support/seededRandom.ts';
import { continueFold, createEmptyFold } from './aggregateFold.ts';
import { createHistory, foldEach, stream, task } from './testSupport/histories.ts';

test('[FLD1] a fold continued in steps of any size is the fold of the whole', () => {
  const random = createSeededRandom();
  const events = createHistory(random, 700).map((event, index) => ({
    ...event,
    stream,
    revision: BigInt(index),
  }));
  const states = foldEach(task, events);
  let fold = createEmptyFold();
  for (let done = 0; done < events.length;) {
    const count = random.oneOf([1, 1, 1, 2, 63, 64, 65, 200]);
    const step = events.slice(done, done + count);
    done += step.length;
    const before = structuredClone(fold);
    const next = continueFold(task, fold, step);
    expect(fold).toEqual(before);
    fold = next;

    expect(fold.state).toEqual(states[done - 1]);
    expect(fold.point).toMatchObject({ revision: BigInt(done - 1), eventId: events[done - 1]?.id });
    const from = Math.max(0, done - 64);
    expect(fold.recent.map(({ event }) => event)).toEqual(events.slice(from, done));
    expect(fold.recent.map(({ state }) => state)).toEqual(states.slice(from, done));
    const milestone = { state: states[499], event: events[499] };
    if (done < 500) expect(fold.milestone).toBeUndefined();
    else expect(fold.milestone).toMatchObject(milestone);
  }
});

test('[FLD1] a fold keeps no more recent states than fit, and the newest in any case', () => {
  const events = createHistory(createSeededRandom(), 100).map((event, index) => ({
    ...event,
    stream,
    revision: BigInt(index),
    metadata: { ...event.metadata, padding: 'x'.repeat(index === 99 ? 300_000 : 10_000) },
  }));
  const before = continueFold(task, createEmptyFold(), events.slice(0, 99));
  expect(before.recent.length).toBeGreaterThan(20);
  expect(before.recent.length).toBeLessThan(27);
  expect(continueFold(task, before, events.slice(99)).recent).toHaveLength(1);
});

test('[FLD1] a fold that nothing came after is itself', () => {
  const fold = createEmptyFold();
  expect(continueFold(task, fold, [])).toBe(fold);
});
