import type { AggregateDefinition, Rejection } from '@weft/client/protocol';
import { type AggregateAddress, type AggregateRef, findRef } from '../aggregates/aggregateRef.ts';
import { reject } from './reject.ts';

/** The aggregate that a command is for, which need not exist; or why there can be none. */
export function findTarget(
  definitions: ReadonlyMap<string, AggregateDefinition>,
  address: AggregateAddress,
): AggregateRef | Rejection {
  const ref = findRef(definitions, address);
  if (ref === 'unknown-aggregate') return reject(ref, 'there is no such aggregate type');
  return ref === 'missing' ? reject('not-found', 'no aggregate can have this id') : ref;
}
