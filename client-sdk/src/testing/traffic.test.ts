import { expect, test } from 'vitest';
import { createManualClock } from './manualClock.ts';
import { createRandom } from './seeded.ts';
import { createTraffic } from './traffic.ts';

function start(draw?: () => number) {
  const clock = createManualClock();
  const errors: unknown[] = [];
  const traffic = createTraffic({ clock, draw, onError: (error) => errors.push(error) });
  return { clock, errors, traffic };
}

/** Two lanes with `a0` to `a9` and `b0` to `b9`: in which order they come out. */
async function drain(draw?: () => number): Promise<string[]> {
  const { traffic } = start(draw);
  const lanes = [traffic.createLane(() => false), traffic.createLane(() => false)];
  const out: string[] = [];
  for (let count = 0; count < 10; count++) {
    lanes[0]?.push(() => out.push(`a${count}`));
    lanes[1]?.push(() => out.push(`b${count}`));
  }
  await traffic.whenIdle();
  return out;
}

test('[TST3] lanes take turns, each in its order', async () => {
  const out = await drain();
  expect(out.slice(0, 4)).toEqual(['a0', 'b0', 'a1', 'b1']);
  expect(out).toHaveLength(20);
});

test('[TST3] with a seed lanes take turns at random, each in its order, and again the same', async () => {
  const out = await drain(createRandom(7));
  expect(out.filter((name) => name.startsWith('a'))).toEqual(
    out.filter((name) => name.startsWith('a')).toSorted(),
  );
  expect(out).toHaveLength(20);
  expect(out).not.toEqual(await drain());
  expect(out).not.toEqual(await drain(createRandom(8)));
  expect(out).toEqual(await drain(createRandom(7)));
});

test('[TST3] the clock goes on for what waits a moment, and not for what waits long', async () => {
  const { clock, traffic } = start();
  const begin = clock.now();
  const due: string[] = [];
  clock.after(60, () => {
    due.push('first');
    clock.after(100, () => due.push('second'));
  });
  clock.after(101, () => due.push('passed by'));
  clock.after(20_000, () => due.push('late'));
  await traffic.whenIdle();
  expect(due).toEqual(['first', 'passed by', 'second']);
  expect(clock.now() - begin).toBe(160);
});

test('[TST3] what is held is not on its way', async () => {
  const { traffic } = start();
  let isHeld = true;
  const lane = traffic.createLane(() => isHeld);
  const out: string[] = [];
  lane.push(() => out.push('one'));
  await traffic.whenIdle();
  expect(out).toEqual([]);
  isHeld = false;
  await traffic.whenIdle();
  expect(out).toEqual(['one']);
});

test('[TST3] a timer of the process that waits for nothing is waited for where it may have been set', async () => {
  const { traffic } = start();
  const lane = traffic.createLane(() => false);
  let arrived = 0;
  // Often enough that it does not come off by chance.
  for (let round = 1; round <= 50; round++) {
    setTimeout(() => lane.push(() => arrived++), 0);
    traffic.passTimers();
    await traffic.whenIdle();
    expect(arrived).toBe(round);
  }
});

test('[TST3] what throws on arrival stops nothing else', async () => {
  const { errors, traffic } = start();
  const lane = traffic.createLane(() => false);
  const out: string[] = [];
  lane.push(() => {
    throw new Error('no');
  });
  lane.push(() => out.push('two'));
  await traffic.whenIdle();
  expect(errors).toEqual([new Error('no')]);
  expect(out).toEqual(['two']);
});

test('[TST3] where there is always something on its way, waiting for the end of it fails', async () => {
  const { traffic } = start();
  const lane = traffic.createLane(() => false);
  const again = () => lane.push(again);
  again();
  await expect(traffic.whenIdle()).rejects.toThrow('does not settle');
  lane.clear();
  await traffic.whenIdle();
});

test('[TST3] after its end nothing moves, and nobody waits', async () => {
  const { traffic } = start();
  const out: string[] = [];
  const idle = traffic.whenIdle();
  traffic.stop();
  await idle;
  traffic.createLane(() => false).push(() => out.push('late'));
  await traffic.whenIdle();
  expect(out).toEqual([]);
});
