import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { createSharedReads } from './sharedReads.ts';

/** Reads that end when the test says so. */
function setUp() {
  const reads = createSharedReads<string, number>();
  const begun: PromiseWithResolvers<number>[] = [];
  const read = () => {
    const ending = Promise.withResolvers<number>();
    begun.push(ending);
    return ending.promise;
  };
  return {
    begun,
    fresh: (key = 'a') => reads.fresh(key, read),
    any: (key = 'a') => reads.any(key, read),
  };
}

test('[FLD1] who asks at once shares a read, and who asks while it is under way shares the next', async () => {
  const { begun, fresh } = setUp();
  const first = [fresh(), fresh()];
  await setImmediate();
  const second = [fresh(), fresh(), fresh()];
  await setImmediate();
  expect(begun).toHaveLength(1);
  begun[0]?.resolve(1);
  expect(await Promise.all(first)).toEqual([1, 1]);
  await setImmediate();
  expect(begun).toHaveLength(2);
  begun[1]?.resolve(2);
  expect(await Promise.all(second)).toEqual([2, 2, 2]);
});

test('[FLD1] who takes any read shares the one under way', async () => {
  const { begun, fresh, any } = setUp();
  const first = fresh();
  await setImmediate();
  const joined = any();
  begun[0]?.resolve(1);
  expect(await Promise.all([first, joined])).toEqual([1, 1]);
  expect(begun).toHaveLength(1);

  const alone = any();
  await setImmediate();
  begun[1]?.resolve(2);
  expect(await alone).toBe(2);
});

test('[FLD1] reads of different keys do not wait for each other', async () => {
  const { begun, fresh } = setUp();
  const reads = [fresh('a'), fresh('b')];
  await setImmediate();
  expect(begun).toHaveLength(2);
  begun.forEach(({ resolve }, index) => resolve(index));
  expect(await Promise.all(reads)).toEqual([0, 1]);
});

test('[FLD1] a read that fails is told to those who share it, and the next is made all the same', async () => {
  const { begun, fresh } = setUp();
  const failing = Promise.allSettled([fresh(), fresh()]);
  await setImmediate();
  const next = fresh();
  begun[0]?.reject(new Error('no store'));
  expect((await failing).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  await setImmediate();
  begun[1]?.resolve(2);
  expect(await next).toBe(2);
});
