import { describeField, formatValue } from '../note/fields.ts';
import { RelativeTime } from '../shell/RelativeTime.tsx';
import type { NoteConflictField } from '../weft.ts';

/** What the person saw of a field, what is there now, by whom and since when, and what was asked. */
export function ConflictValues({ conflict, headingId }: { conflict: NoteConflictField; headingId?: string }) {
  const { field, was, is, want, by, at } = conflict;
  return (
    <>
      <h3 id={headingId}>{describeField(field).label}</h3>
      <dl className="conflict-values">
        <div className="conflict-was" data-testid="was">
          <dt>You saw</dt>
          <dd>{was === undefined ? 'unknown' : formatValue(field, was)}</dd>
        </div>
        <div className="conflict-is" data-testid="is">
          <dt>Now</dt>
          <dd>{formatValue(field, is)}</dd>
          {by && at !== undefined && (
            <dd className="conflict-by">
              {by.name}, <RelativeTime at={at} />
            </dd>
          )}
        </div>
        {want !== undefined && (
          <div className="conflict-want" data-testid="want">
            <dt>You wanted</dt>
            <dd>{formatValue(field, want)}</dd>
          </div>
        )}
      </dl>
    </>
  );
}
