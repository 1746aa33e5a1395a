import { expect, it } from 'vitest';
import { createManualClock } from '../../../../client-sdk/src/testSupport/manualClock.ts';
import { createTicks } from './ticks.ts';

function setUp() {
  const clock = createManualClock();
  const failures: unknown[] = [];
  const log = () => {};
  const error = (fields: object) => void failures.push(fields);
  const ticks = createTicks(clock, 20, { debug: log, info: log, warn: log, error });
  return { clock, ticks, failures };
}

it('[TXT8] a tick runs everything that is due, in order and once, and reports what throws', () => {
  const { clock, ticks, failures } = setUp();
  const ran: string[] = [];
  const err = new Error('one room fails');
  const first = () => void ran.push('first');
  ticks.request(first);
  expect(ran).toEqual(['first']);
  ticks.request(() => {
    ran.push('throws');
    throw err;
  });
  ticks.request(first);
  ticks.request(first);
  clock.advance(20);
  expect(ran).toEqual(['first', 'throws', 'first']);
  expect(failures).toEqual([{ err }]);
});

it('[TXT8] what throws where it runs at once does not reach who asked for it', () => {
  const { ticks, failures } = setUp();
  const fail = () => {
    throw new Error('fails');
  };
  expect(() => ticks.request(fail)).not.toThrow();
  expect(failures).toHaveLength(1);
});
