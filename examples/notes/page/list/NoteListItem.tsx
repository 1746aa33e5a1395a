import type { ListItem } from '@weft/client';
import { useId } from 'react';
import type { note } from '../../note.ts';
import { formatValue } from '../note/fields.ts';
import { hrefOfNote } from '../route.ts';
import { RelativeTime } from '../shell/RelativeTime.tsx';

const NORMAL_PRIORITY = 2;

interface Props {
  item: ListItem<typeof note>;
  isOpen: boolean;
}

/** The whole item leads to the note, and the link in it is named by the title alone. */
export function NoteListItem({ item, isOpen }: Props) {
  const id = useId();
  const { by, at } = item;
  const { title, status, priority, assignee, tags } = item.fields;
  return (
    <li className="item" data-status={status}>
      <a
        className="item-link"
        href={hrefOfNote(item.id)}
        aria-current={isOpen ? 'page' : undefined}
        aria-describedby={`${id}-facts`}
      >
        {title}
      </a>
      <span className="item-facts" id={`${id}-facts`}>
        {item.conflicts !== undefined && <span className="item-conflicts">to decide</span>}
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
      </span>
      <span className="item-last">
        {by && at !== undefined ? (
          <>
            {by.name}, <RelativeTime at={at} />
          </>
        ) : (
          'not saved yet'
        )}
      </span>
    </li>
  );
}
