import { encodeTextFrame } from '@weft/client/protocol';
import type { Clock } from '../../lifecycle/clock.ts';
import type { TextParticipant } from '../textParticipant.ts';
import { type Farewell, FAREWELLS } from './farewell.ts';
import { createPacer, type Pacer } from './pacer.ts';
import type { TextContent } from './textContent.ts';

/**
 * Milliseconds between two answers to one participant. The difference of a large text takes tens of them to find, while
 * its question takes a few bytes; a client asks when it connects, and hardly ever again.
 */
const ANSWER_SPACING_MS = 1000;

type Asker = { readonly participant: Pick<TextParticipant, 'send'> };

export type SyncAnswersOptions<Seat> = {
  readonly clock: Clock;
  readonly content: Pick<TextContent, 'judgeStateVector' | 'diff'>;
  /** Runs the task where the seat is still there. Must not throw, whatever the task does. */
  readonly serve: (seat: Seat, task: () => void) => void;
};

type Question = {
  /** Undefined where it is answered. */
  stateVector: Uint8Array | undefined;
  readonly pacer: Pacer;
};

/**
 * Answers sync step 1: the first of a seat at once, and then no more than one a second. Of those that come meanwhile
 * only the newest is answered: it tells best what its sender lacks.
 */
export class SyncAnswers<Seat extends Asker> {
  readonly #questions = new Map<Seat, Question>();
  readonly #options: SyncAnswersOptions<Seat>;

  constructor(options: SyncAnswersOptions<Seat>) {
    this.#options = options;
  }

  /**
   * Takes the state vector of a sync step 1, and may answer before it returns. What cannot be answered is refused at
   * once: then it gives what is to be said. The bytes are the caller's again when it returns.
   */
  ask(seat: Seat, stateVector: Uint8Array): Farewell | undefined {
    const { outcome } = this.#options.content.judgeStateVector(stateVector);
    if (outcome === 'other-epoch') return FAREWELLS.otherEpoch;
    if (outcome === 'malformed') return FAREWELLS.unreadableStateVector;
    const question = this.#questions.get(seat) ?? this.#remember(seat);
    question.stateVector = stateVector.slice();
    question.pacer.request();
    return undefined;
  }

  /** Nothing is answered any more. Idempotent. */
  leave(seat: Seat): void {
    this.#questions.get(seat)?.pacer.stop();
    this.#questions.delete(seat);
  }

  #remember(seat: Seat): Question {
    const { clock, serve } = this.#options;
    const question: Question = {
      stateVector: undefined,
      pacer: createPacer(clock, ANSWER_SPACING_MS, () => serve(seat, () => this.#answer(seat, question))),
    };
    this.#questions.set(seat, question);
    return question;
  }

  #answer({ participant }: Seat, question: Question): void {
    const { stateVector } = question;
    question.stateVector = undefined;
    const difference = stateVector && this.#options.content.diff(stateVector);
    if (difference?.outcome !== 'update') return;
    participant.send(encodeTextFrame({ kind: 'sync-step-2', update: difference.update }));
  }
}
