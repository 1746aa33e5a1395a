import { useRef } from 'react';
import type { NoteHandle } from '../weft.ts';
import { FieldFrame } from './FieldFrame.tsx';
import { useNoteDraft } from './useNoteDraft.ts';

interface Props {
  handle: NoteHandle;
  field: 'start' | 'end';
}

/**
 * A date: committed as soon as one is picked; a typed one only by Enter and on leaving, because a browser reports a
 * date for each digit of its year.
 */
export function DateField({ handle, field }: Props) {
  const draft = useNoteDraft(handle, field);
  const isTyping = useRef(false);
  return (
    <FieldFrame field={field} draft={draft}>
      {(control) => (
        <input
          {...control}
          className="control"
          type="date"
          max="9999-12-31"
          data-empty={draft.value === null || undefined}
          value={draft.value ?? ''}
          onPointerDown={() => {
            isTyping.current = false;
          }}
          onKeyDown={(event) => {
            isTyping.current = true;
            if (event.key === 'Enter') draft.commit();
            if (event.key === 'Escape') draft.revert();
          }}
          onChange={({ target }) => {
            draft.edit(target.value || null);
            if (!isTyping.current) draft.commit();
          }}
          onBlur={draft.commit}
        />
      )}
    </FieldFrame>
  );
}
