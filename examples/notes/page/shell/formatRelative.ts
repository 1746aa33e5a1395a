const RELATIVE = new Intl.RelativeTimeFormat('en', { numeric: 'auto', style: 'short' });
const UNITS = [
  { unit: 'year', ms: 365 * 86_400_000 },
  { unit: 'month', ms: 30 * 86_400_000 },
  { unit: 'day', ms: 86_400_000 },
  { unit: 'hour', ms: 3_600_000 },
  { unit: 'minute', ms: 60_000 },
] as const;

/** "2 min. ago". Two clocks may differ, so that the future is now as well. */
export function formatRelative(time: number, now: number): string {
  const elapsed = now - time;
  const largest = UNITS.find(({ ms }) => elapsed >= ms);
  return largest ? RELATIVE.format(-Math.floor(elapsed / largest.ms), largest.unit) : 'just now';
}
