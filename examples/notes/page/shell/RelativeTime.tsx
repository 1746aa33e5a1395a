import { formatRelative } from './formatRelative.ts';
import { useNow } from './useNow.ts';

const ABSOLUTE = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' });

/** How long ago a moment (ISO 8601) was; the moment itself on hover. */
export function RelativeTime({ at }: { at: string }) {
  const now = useNow();
  const time = Date.parse(at);
  if (Number.isNaN(time)) return null;
  return (
    <time dateTime={at} title={ABSOLUTE.format(time)}>
      {formatRelative(time, now)}
    </time>
  );
}
