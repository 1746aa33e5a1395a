import { usePresence, useText } from '@weft/client/react';
import { Conflicts } from '../conflict/Conflicts.tsx';
import { Body } from '../text/Body.tsx';
import type { ExistingView } from '../weft.ts';
import { AssigneeField } from './AssigneeField.tsx';
import { ChoiceField } from './ChoiceField.tsx';
import { NoteBar } from './NoteBar.tsx';
import { ScheduleFields } from './ScheduleFields.tsx';
import { TagsField } from './TagsField.tsx';
import { TitleField } from './TitleField.tsx';

export function ExistingNote({ state }: { state: ExistingView }) {
  const { handle, fields, confirmed } = state;
  const body = useText(handle, 'body');
  const peers = usePresence(body.text);
  return (
    <article className="note" aria-label="Note">
      <title>{`${fields.title} – Weft Notes`}</title>
      <NoteBar state={state} peers={peers}>
        <Conflicts handle={handle} />
      </NoteBar>
      <TitleField handle={handle} />
      <div className="properties">
        <ChoiceField handle={handle} field="status" />
        <ChoiceField handle={handle} field="priority" />
        <AssigneeField handle={handle} peers={peers} />
        <ScheduleFields handle={handle} />
        <TagsField handle={handle} />
      </div>
      <Body body={body} isNew={confirmed === undefined} />
    </article>
  );
}
