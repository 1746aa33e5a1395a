import type { NoteHandle } from '../weft.ts';
import { FieldFrame } from './FieldFrame.tsx';
import { useNoteDraft } from './useNoteDraft.ts';

/** The title: one line of text, which wraps where it is too long to be shown in one. */
export function TitleField({ handle }: { handle: NoteHandle }) {
  const draft = useNoteDraft(handle, 'title');
  return (
    <FieldFrame field="title" draft={draft}>
      {(control) => (
        <textarea
          {...control}
          className="control title-control"
          rows={1}
          autoComplete="off"
          enterKeyHint="done"
          placeholder="Title"
          value={draft.value ?? ''}
          onChange={(event) => draft.edit(event.target.value.replaceAll('\n', ' '))}
          onBlur={draft.commit}
          onKeyDown={(event) => {
            if (event.key === 'Escape') draft.revert();
            if (event.key !== 'Enter') return;
            event.preventDefault();
            draft.commit();
          }}
        />
      )}
    </FieldFrame>
  );
}
