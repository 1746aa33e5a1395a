import { useId } from 'react';
import type { FieldName } from '../weft.ts';
import { FIELD_DESCRIPTIONS } from './fieldDescriptions.ts';
import { FieldFrame } from './FieldFrame.tsx';
import { invalidProps } from './invalidProps.ts';
import type { OpenNote } from './openNote.ts';
import { useFieldDraft } from './useFieldDraft.ts';

interface Props {
  note: OpenNote;
  field: FieldName;
  placeholder?: string;
  suggestions?: readonly string[];
}

/** A field of one line: committed by Enter and on leaving, taken back by Escape. */
export function LineField({ note, field, placeholder, suggestions = [] }: Props) {
  const id = useId();
  const draft = useFieldDraft(note, field);
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
        type="text"
        autoComplete="off"
        data-draft={draft.isDraft || undefined}
        placeholder={placeholder}
        list={suggestions.length > 0 ? `${id}-list` : undefined}
        value={draft.text}
        onChange={(event) => draft.edit(event.target.value)}
        onBlur={draft.commit}
        onKeyDown={(event) => {
          if (event.key === 'Enter') draft.commit();
          if (event.key === 'Escape') draft.revert();
        }}
        {...invalidProps(id, draft.error)}
      />
      {suggestions.length > 0 && (
        <datalist id={`${id}-list`}>
          {suggestions.map((suggestion) => (
            <option key={suggestion} value={suggestion} />
          ))}
        </datalist>
      )}
    </FieldFrame>
  );
}
