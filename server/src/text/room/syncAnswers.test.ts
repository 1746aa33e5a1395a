import { describe, expect, it } from 'vitest';
import { createManualClock } from '../../../../client-sdk/src/testSupport/manualClock.ts';
import { SyncAnswers } from './syncAnswers.ts';

/** Each seat asks for a byte, and is answered with it; zero cannot be read. */
function setUp() {
  const clock = createManualClock();
  const answered: string[] = [];
  const createSeat = (name: string) => ({
    participant: { send: (frame: Uint8Array) => void answered.push(`${name}${frame.at(-1)}`) },
  });
  const seats = { ada: createSeat('ada'), ben: createSeat('ben') };
  const answers = new SyncAnswers<(typeof seats)['ada']>({
    clock,
    content: {
      judgeStateVector: (stateVector) =>
        stateVector[0] === 0 ? { outcome: 'malformed' } : { outcome: 'sound', isEmpty: false },
      diff: (stateVector) => ({ outcome: 'update', update: stateVector }),
    },
    serve: (_seat, task) => task(),
  });
  const ask = (who: keyof typeof seats, byte: number) => answers.ask(seats[who], Uint8Array.of(byte));
  return { clock, answers, answered, seats, ask };
}

describe('answers to sync step 1', () => {
  it('[TXT7] come at once for the first of each, and then once a second for the newest', () => {
    const { clock, answered, ask } = setUp();
    ask('ada', 1);
    ask('ben', 1);
    expect(answered).toEqual(['ada1', 'ben1']);
    for (let question = 2; question < 200; question++) ask('ada', question);
    clock.advance(999);
    expect(answered).toHaveLength(2);
    clock.advance(1);
    expect(answered.slice(2)).toEqual(['ada199']);
    clock.advance(1000);
    ask('ada', 7);
    expect(answered.slice(3)).toEqual(['ada7']);
    expect(clock.timers).toBe(0);
  });

  it('[TXT7] are of what was asked, whatever becomes of the bytes', () => {
    const { clock, answers, answered, seats, ask } = setUp();
    ask('ada', 1);
    const bytes = Uint8Array.of(2);
    answers.ask(seats.ada, bytes);
    bytes[0] = 9;
    clock.advance(1000);
    expect(answered).toEqual(['ada1', 'ada2']);
  });

  it('[TXT7] do not come after who asked has left, and leave no timer', () => {
    const { clock, answers, answered, seats, ask } = setUp();
    ask('ada', 1);
    ask('ada', 2);
    answers.leave(seats.ada);
    answers.leave(seats.ada);
    expect(clock.timers).toBe(0);
    clock.advance(1000);
    expect(answered).toEqual(['ada1']);
  });

  it('[TXT7] are refused at once where the question cannot be read', () => {
    const { clock, answered, ask } = setUp();
    expect(ask('ada', 1)).toBeUndefined();
    expect(ask('ada', 0)).toMatchObject({ reason: 'invalid-message' });
    clock.advance(1000);
    expect(answered).toEqual(['ada1']);
  });
});
