import type { AggregateDefinition, ConflictPolicy } from '@weft/client/protocol';

export function policyOf({ onConflict }: AggregateDefinition, field: string): ConflictPolicy {
  return onConflict[field] ?? 'reject';
}
