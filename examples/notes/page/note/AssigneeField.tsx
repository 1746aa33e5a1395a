import type { Peer } from '@weft/client/react';
import { useList } from '@weft/client/react';
import { note } from '../../note.ts';
import type { NoteHandle } from '../weft.ts';
import { FieldFrame } from './FieldFrame.tsx';
import { useNoteDraft } from './useNoteDraft.ts';

const MAX_SUGGESTIONS = 50;

interface Props {
  handle: NoteHandle;
  peers: readonly Peer[];
}

/** Who is to do it: suggested are those who are here, and whoever the notes mention. */
export function AssigneeField({ handle, peers }: Props) {
  const { items } = useList(note);
  const draft = useNoteDraft(handle, 'assignee');
  const here = peers.map(({ user }) => user.name);
  const mentioned = items.flatMap(({ by, fields }) => [by?.name, fields.assignee]);
  const names = new Set([...here, ...mentioned].filter((name) => typeof name === 'string' && name !== ''));
  const suggestions = ([...names] as string[]).slice(0, MAX_SUGGESTIONS);
  return (
    <FieldFrame field="assignee" draft={draft}>
      {(control) => (
        <>
          <input
            {...control}
            className="control"
            type="text"
            autoComplete="off"
            placeholder="Nobody"
            list={`${control.id}-list`}
            value={draft.value ?? ''}
            onChange={({ target }) => draft.edit(target.value.trim() === '' ? null : target.value)}
            onBlur={draft.commit}
            onKeyDown={(event) => {
              if (event.key === 'Enter') draft.commit();
              if (event.key === 'Escape') draft.revert();
            }}
          />
          <datalist id={`${control.id}-list`}>
            {suggestions.map((suggestion) => (
              <option key={suggestion} value={suggestion} />
            ))}
          </datalist>
        </>
      )}
    </FieldFrame>
  );
}
