import { useId, useRef } from 'react';
import { FIELD_DESCRIPTIONS } from './fieldDescriptions.ts';
import { FieldFrame } from './FieldFrame.tsx';
import { invalidProps } from './invalidProps.ts';
import type { OpenNote } from './openNote.ts';
import { useFieldDraft } from './useFieldDraft.ts';

interface Props {
  note: OpenNote;
  field: 'start' | 'end';
}

/**
 * A date: committed as soon as one is picked; a typed one only by Enter and on leaving, because a browser reports a
 * date for each digit of its year.
 */
export function DateField({ note, field }: Props) {
  const id = useId();
  const draft = useFieldDraft(note, field);
  const isTyping = useRef(false);
  return (
    <FieldFrame
      note={note}
      field={field}
      controlId={id}
      label={FIELD_DESCRIPTIONS[field].label}
      isDraft={draft.isDraft}
      error={draft.error}
    >
      <input
        id={id}
        className="control"
        type="date"
        max="9999-12-31"
        data-draft={draft.isDraft || undefined}
        data-empty={draft.text === '' || undefined}
        value={draft.text}
        onPointerDown={() => {
          isTyping.current = false;
        }}
        onKeyDown={(event) => {
          isTyping.current = true;
          if (event.key === 'Enter') draft.commit();
          if (event.key === 'Escape') draft.revert();
        }}
        onChange={(event) => {
          if (isTyping.current) draft.edit(event.target.value);
          else draft.enter(event.target.value);
        }}
        onBlur={draft.commit}
        {...invalidProps(id, draft.error)}
      />
    </FieldFrame>
  );
}
