import { describe, expect, it } from 'vitest';
import { createManualClock } from '../../../../client-sdk/src/testSupport/manualClock.ts';
import { createPacer } from './pacer.ts';

function createRuns() {
  const clock = createManualClock();
  const start = clock.now();
  const runs: number[] = [];
  const pacer = createPacer(clock, 10, () => runs.push(clock.now() - start));
  return { clock, runs, pacer };
}

describe('a pacer', () => {
  it('runs at once after a rest, and otherwise once a spacing', () => {
    const { clock, runs, pacer } = createRuns();
    pacer.request();
    pacer.request();
    clock.advance(4);
    pacer.request();
    expect(runs).toEqual([0]);
    clock.advance(6);
    expect(runs).toEqual([0, 10]);
    clock.advance(30);
    expect(runs).toEqual([0, 10]);
    pacer.request();
    expect(runs).toEqual([0, 10, 40]);
  });

  it('does not wait for a clock that was set back to catch up', () => {
    const { clock, runs, pacer } = createRuns();
    pacer.request();
    clock.advance(-3_600_000);
    pacer.request();
    clock.advance(10);
    expect(runs).toHaveLength(2);
  });

  it('runs nothing after it was stopped', () => {
    const { clock, runs, pacer } = createRuns();
    pacer.request();
    pacer.request();
    pacer.stop();
    clock.advance(100);
    pacer.request();
    expect(runs).toEqual([0]);
  });
});
