import { hash } from 'node:crypto';
import canonicalize from 'canonicalize';
import type { AggregateDefinition } from '@weft/client/protocol';
import type { AggregateState } from '../../domain/aggregateState.ts';
import type { FieldsMatch } from '../commandRequest.ts';
import type { Malformed } from './malformed.ts';

/** The fields of a hash whose values are other ones than those that the writer saw: all of them, or none. */
export function findUnmatched(
  definition: AggregateDefinition,
  state: AggregateState,
  match: FieldsMatch | undefined,
): { readonly outcome: 'compared'; readonly fields: readonly string[] } | Malformed {
  if (!match) return { outcome: 'compared', fields: [] };
  const unknown = match.fields.find((field) => !Object.hasOwn(definition.fields, field));
  if (unknown !== undefined) {
    const detail = `Fields-Match names '${unknown}', and there is no such field`;
    return { outcome: 'malformed', code: 'malformed-request', detail };
  }
  // What is not there is refused as such.
  if (state.status !== 'existing') return { outcome: 'compared', fields: [] };
  const values = Object.fromEntries(match.fields.map((field) => [field, state.fields[field]]));
  const isMatch = hash('sha256', canonicalize(values) ?? '', 'base64') === match.sha256;
  return { outcome: 'compared', fields: isMatch ? [] : match.fields };
}
