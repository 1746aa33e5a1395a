import { expect, it } from 'vitest';
import { formatRelative } from './formatRelative.ts';

const NOW = Date.parse('2026-09-14T12:00:00Z');

it.each([
  ['2026-09-14T11:59:30Z', 'just now'],
  ['2026-09-14T12:00:30Z', 'just now'],
  ['2026-09-14T11:57:59Z', '2 min. ago'],
  ['2026-09-14T09:59:00Z', '2 hr. ago'],
  ['2026-09-13T11:00:00Z', 'yesterday'],
  ['2026-07-01T00:00:00Z', '2 mo. ago'],
])('says of %s "%s"', (at, said) => {
  expect(formatRelative(Date.parse(at), NOW)).toBe(said);
});
