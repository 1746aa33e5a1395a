import type {
  Command,
  ConsistencyToken,
  DecisionContext,
  FieldConflict,
  FieldIssue,
  FieldValues,
  RejectionCode,
} from '@weft/client/protocol';
import type { AggregateEvent } from './aggregateEvent.ts';
import type { SeenFields } from './judgeChange.ts';
import type { LosingValue } from './losingValue.ts';

/** What can be decided: what a client may ask for, and giving fields whole values, which no merge patch can say. */
export type DecidableCommand =
  | Command
  | {
      readonly kind: 'set';
      readonly values: Readonly<FieldValues>;
      readonly token?: ConsistencyToken | undefined;
      readonly seen?: FieldValues | undefined;
    };

/** What the writer knew of the aggregate. */
export type WriterView =
  /** It said nothing, or only single values that it saw: no more than those is detected. */
  | { readonly kind: 'unguarded'; readonly seen: SeenFields }
  /** It saw the newest state. */
  | { readonly kind: 'current' }
  /** It saw these values, and there are newer ones. */
  | { readonly kind: 'older'; readonly seen: Readonly<FieldValues> }
  /** It saw a state that the history no longer holds. */
  | { readonly kind: 'unknown' };

export type DecideOptions = {
  readonly view: WriterView;
  /** `strict`: any conflict stops the whole command; `lenient`: the rest is applied. */
  readonly handling: 'strict' | 'lenient';
  /** Whether anything newer than the writer's view stops the command, as `If-Match` asks. */
  readonly exact: boolean;
  /** Fields that are not what the writer said, by their hash: a conflict, whatever is asked. */
  readonly unmatched: readonly string[];
  /** What changed in other aggregates that the command depends on: a conflict, whatever is asked. */
  readonly elsewhere: readonly FieldConflict[];
  readonly context: DecisionContext;
};

export type Applied = {
  readonly outcome: 'accepted' | 'merged' | 'partial';
  /** Empty where there is nothing to store. */
  readonly events: readonly AggregateEvent[];
  readonly changed: readonly string[];
  readonly losing: readonly LosingValue[];
  /** Only of a partial outcome. */
  readonly conflicts: readonly FieldConflict[];
  /** What a domain command answers; undefined where that is nothing. */
  readonly output?: unknown;
};

export type Decision =
  | Applied
  | {
      readonly outcome: 'conflict';
      readonly conflicts: readonly FieldConflict[];
      readonly losing: readonly LosingValue[];
    }
  | {
      readonly outcome: 'rejected';
      readonly code: RejectionCode;
      readonly detail: string;
      readonly errors?: readonly FieldIssue[];
    };

export function reject(code: RejectionCode, detail: string, errors?: readonly FieldIssue[]): Decision {
  return { outcome: 'rejected', code, detail, ...(errors && { errors }) };
}

export function rejectFields(errors: readonly FieldIssue[]): Decision {
  return reject('invalid-fields', 'some values are not allowed', errors);
}
