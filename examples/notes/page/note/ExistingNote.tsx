import { useState } from 'react';
import { ConflictDialog } from '../conflict/ConflictDialog.tsx';
import { useOpenConflict } from '../conflict/useOpenConflict.ts';
import { usePeople } from '../list/usePeople.ts';
import { Icon } from '../shell/Icon.tsx';
import { Body } from '../text/Body.tsx';
import { Presence } from '../text/Presence.tsx';
import { useBody } from '../text/useBody.ts';
import { ChoiceField } from './ChoiceField.tsx';
import { DeleteDialog } from './DeleteDialog.tsx';
import { LineField } from './LineField.tsx';
import type { OpenNote } from './openNote.ts';
import { ScheduleFields } from './ScheduleFields.tsx';
import { TagsField } from './TagsField.tsx';
import { TitleField } from './TitleField.tsx';

export function ExistingNote({ note }: { note: OpenNote }) {
  const text = useBody(note.handle);
  const conflicts = useOpenConflict(note.state.conflicts);
  const people = usePeople();
  const [isDeleting, setDeleting] = useState(false);
  return (
    <article className="note" aria-label="Note">
      <title>{`${note.state.fields.title} – Weft Notes`}</title>
      <div className="note-bar">
        <a className="button quiet back" href="#/">
          <Icon name="back" />
          All notes
        </a>
        {conflicts.count > 0 && (
          <button type="button" className="button warning" onClick={conflicts.reopen}>
            {conflicts.count === 1 ? '1 conflict' : `${conflicts.count} conflicts`}
          </button>
        )}
        <div className="note-bar-end">
          <Presence awareness={text.body.awareness} />
          <button type="button" className="button quiet danger" onClick={() => setDeleting(true)}>
            <Icon name="trash" />
            <span className="button-text">Delete note</span>
          </button>
        </div>
      </div>
      <TitleField note={note} />
      <div className="properties">
        <ChoiceField note={note} field="status" />
        <ChoiceField note={note} field="priority" />
        <LineField note={note} field="assignee" placeholder="Nobody" suggestions={people} />
        <ScheduleFields note={note} />
        <TagsField note={note} />
      </div>
      <Body text={text} isNew={note.state.confirmed === undefined} />
      {conflicts.open && (
        <ConflictDialog
          key={conflicts.open.id}
          conflict={conflicts.open}
          conflicts={conflicts}
          others={note.state.fields}
        />
      )}
      {isDeleting && <DeleteDialog note={note} onClose={() => setDeleting(false)} />}
    </article>
  );
}
