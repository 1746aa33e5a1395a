import { expect, test } from 'vitest';
import { createProgress } from './progress.ts';

const never = { signal: new AbortController().signal };

test('[HTT9] whoever waits goes on when their position or a later one is reached, and not before', async () => {
  const progress = createProgress();
  const reached: string[] = [];
  const note = (name: string) => () => void reached.push(name);
  // The later ones wait in front, so that they would be told first.
  const third = progress.whenAt(3n, never).then(note('third'));
  const second = progress.whenAt(2n, never).then(note('second'));
  const first = progress.whenAt(1n, never).then(note('first'));
  progress.reach(0n);
  progress.reach(1n);
  await first;
  expect(reached).toEqual(['first']);
  progress.reach(7n);
  await Promise.all([second, third]);
  expect(reached.toSorted()).toEqual(['first', 'second', 'third']);
});

test('[HTT9] what is reached is reached also for whoever does not wait', async () => {
  const progress = createProgress();
  progress.reach(5n);
  expect(await progress.whenAt(5n, { signal: AbortSignal.abort() })).toBe('reached');
  expect(await progress.whenAt(6n, { signal: AbortSignal.abort() })).toBe('aborted');
});

test('[HTT9] an abort ends one wait and no other', async () => {
  const progress = createProgress();
  const controller = new AbortController();
  const ended = progress.whenAt(1n, { signal: controller.signal });
  const other = progress.whenAt(1n, never);
  controller.abort();
  expect(await ended).toBe('aborted');
  progress.reach(1n);
  expect(await other).toBe('reached');
});
