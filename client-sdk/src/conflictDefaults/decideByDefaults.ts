import type { FieldValues } from '../../protocol/outcome.ts';
import type { ConflictingField } from '../fields/conflictingField.ts';
import type { AnyResolvers } from './resolvers.ts';

/**
 * So many answers in a row, each of which led to the next conflict, are given without a person: where others keep writing,
 * resolvers would go on for ever.
 */
export const MAX_ANSWERS_BY_DEFAULT = 5;

/** What is known of a conflict where it is opened. */
export type DecidableConflict = {
  /** The domain command that is in conflict, where it is one. */
  readonly command?: string | undefined;
  readonly fields: readonly ConflictingField<FieldValues>[];
  /** Everything that was asked for, in conflict or not. */
  readonly asked: Readonly<FieldValues>;
};

export type Decision = 'mine' | 'theirs' | Readonly<FieldValues>;

type Answer = ReturnType<NonNullable<AnyResolvers[string]>>;
type Answered = { readonly conflicting: ConflictingField<FieldValues>; readonly answer: NonNullable<Answer> };

/**
 * What the application's resolvers make of a conflict; undefined where one of its fields has no answer, so that a person
 * decides. Values have in them what was asked for and is not in conflict: nobody decided against that. A deletion or a
 * domain command is carried out again or not at all, so that its fields must have one answer.
 *
 * A resolver that throws has no answer, and `onError` is told.
 */
export function decideByDefaults(
  resolvers: AnyResolvers,
  { command, fields, asked }: DecidableConflict,
  onError: (error: unknown) => void,
): Decision | undefined {
  const answered: Answered[] = [];
  for (const conflicting of fields) {
    const answer = answerFor(resolvers, conflicting, onError);
    if (answer === undefined) return undefined;
    answered.push({ conflicting, answer });
  }
  const [first] = answered;
  if (!first) return undefined;
  if (first.answer === 'mine' && answered.every(({ answer }) => answer === 'mine')) return 'mine';
  const isAllTheirs = answered.every(({ answer }) => answer === 'theirs');
  const isWhole = command !== undefined || fields.every(({ want }) => want === undefined);
  if (isWhole) return isAllTheirs ? 'theirs' : undefined;
  const values = toValues(answered, asked);
  return Object.keys(values).length > 0 ? values : 'theirs';
}

function answerFor(
  resolvers: AnyResolvers,
  conflicting: ConflictingField<FieldValues>,
  onError: (error: unknown) => void,
): Answer {
  const { field } = conflicting;
  const resolver = Object.hasOwn(resolvers, field) ? resolvers[field] : undefined;
  try {
    const answer: unknown = resolver?.(conflicting);
    return isAnswer(answer) ? answer : undefined;
  } catch (error) {
    onError(error);
    return undefined;
  }
}

/** Not everybody has types, and an answer that makes no sense, such as a promise, must not decide. */
function isAnswer(answer: unknown): answer is NonNullable<Answer> {
  if (answer === 'mine' || answer === 'theirs') return true;
  return typeof answer === 'object' && answer !== null && 'value' in answer && answer.value !== undefined;
}

function toValues(answered: readonly Answered[], asked: Readonly<FieldValues>): FieldValues {
  const decided = new Map<string, unknown>(Object.entries(asked));
  for (const { conflicting, answer } of answered) {
    const { field, want } = conflicting;
    const value = typeof answer === 'object' ? answer.value : want;
    if (answer === 'theirs' || value === undefined) decided.delete(field);
    else decided.set(field, value);
  }
  return Object.fromEntries(decided);
}
