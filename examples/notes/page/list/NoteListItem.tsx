import { useId } from 'react';
import { formatValue } from '../note/fieldText.ts';
import { hrefOfNote } from '../route.ts';
import { RelativeTime } from '../shell/RelativeTime.tsx';
import type { NoteSummary } from './listNotes.ts';

const NORMAL_PRIORITY = 2;

/** The whole item leads to the note, and the link in it is named by the title alone. */
export function NoteListItem({ summary, isOpen }: { summary: NoteSummary; isOpen: boolean }) {
  const id = useId();
  const { fields, last, conflicts } = summary;
  const { title, status, priority, assignee, tags } = fields;
  return (
    <li className="item" data-status={status}>
      <a
        className="item-link"
        href={hrefOfNote(summary.id)}
        aria-current={isOpen ? 'page' : undefined}
        aria-describedby={`${id}-facts`}
      >
        {title}
      </a>
      <span className="item-facts" id={`${id}-facts`}>
        <span className="status" data-status={status}>
          {formatValue('status', status)}
        </span>
        {priority !== NORMAL_PRIORITY && (
          <span className="priority" data-priority={priority}>
            {formatValue('priority', priority)}
          </span>
        )}
        {assignee !== null && <span className="assignee">{assignee}</span>}
        {tags.map((tag) => (
          <span className="tag small" key={tag}>
            {tag}
          </span>
        ))}
        {conflicts > 0 && <span className="item-conflicts">to decide</span>}
      </span>
      <span className="item-last">
        {last ? (
          <>
            {last.name}, <RelativeTime at={last.at} />
          </>
        ) : (
          'not saved yet'
        )}
      </span>
    </li>
  );
}
