import { MAX_AGGREGATE_ID_LENGTH } from './limits.ts';

const PATTERN = /^[A-Za-z0-9][A-Za-z0-9._~-]*$/;

/**
 * Whether a string may name an aggregate: letters, digits and `. _ ~ -`, a letter or digit first. Those need no
 * escape in a URL, mean nothing to a file system, and have no Unicode twins.
 */
export function isAggregateId(id: string): boolean {
  // Not everybody has types.
  return typeof id === 'string' && id.length <= MAX_AGGREGATE_ID_LENGTH && PATTERN.test(id);
}
