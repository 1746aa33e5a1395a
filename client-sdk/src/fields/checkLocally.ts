import type { AggregateDefinition } from '../../protocol/aggregateDefinition.ts';
import type { FieldValues } from '../../protocol/outcome.ts';
import type { Rejection } from '../../protocol/rejection.ts';
import type { Report } from '../lifecycle/clientReport.ts';

/**
 * Why the definition's `check` refuses the values on display with these over them. Undefined where it takes them, and
 * where it takes those on display no more than these: then it is not for the writer to mend, and the server is asked.
 */
export function checkLocally(
  definition: AggregateDefinition,
  { shown, values }: { readonly shown: Readonly<FieldValues>; readonly values: Readonly<FieldValues> },
  report: Report,
): Rejection | undefined {
  try {
    const errors = definition.check({ ...shown, ...values });
    const isOld = Object.keys(shown).length > 0 && definition.check(shown).length > 0;
    if (errors.length === 0 || isOld) return undefined;
    return {
      outcome: 'rejected',
      code: 'invalid-fields',
      detail: 'some values are not allowed',
      errors: [...errors],
    };
  } catch (error) {
    report({ kind: 'decide-failed', error });
    return undefined;
  }
}
