import type { EventStoreErrorCode } from '../eventStoreError.ts';
import type { Answers, Arguments, Operation } from './eventTables.ts';

export type WorkerData = { readonly path: string };

/** One operation, answered by its number. */
export type WorkerRequest<O extends Operation = Operation> = {
  [Kind in O]: { readonly number: number; readonly operation: Kind; readonly argument: Arguments[Kind] };
}[O];

export type ToWorker =
  { readonly type: 'requests'; readonly requests: readonly WorkerRequest[] } | { readonly type: 'close' };

/** An `EventStoreError` as data: a structured clone would lose its class and its code. */
export type ErrorData = { readonly code: EventStoreErrorCode; readonly message: string };

export type WorkerAnswer =
  | { readonly number: number; readonly value: Answers[Operation] }
  | { readonly number: number; readonly error: ErrorData };

export type Answered = {
  readonly answers: readonly WorkerAnswer[];
  /** How many writes one commit made durable; `undefined` where there was none. */
  readonly committed?: number;
};

export type FromWorker =
  | { readonly type: 'opened' }
  | { readonly type: 'refused'; readonly error: ErrorData }
  | ({ readonly type: 'answers' } & Answered);
