import { useEffect, useState } from 'react';
import { formatRelative } from './formatRelative.ts';

const TICK_MS = 20_000;
const ABSOLUTE = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' });

/** How long ago a moment (ISO 8601) was; the moment itself on hover. */
export function RelativeTime({ at }: { at: string }) {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), TICK_MS);
    return () => clearInterval(timer);
  }, []);
  const time = Date.parse(at);
  if (Number.isNaN(time)) return null;
  return (
    <time dateTime={at} title={ABSOLUTE.format(time)}>
      {formatRelative(time, now)}
    </time>
  );
}
