import type { FieldName, NoteHandle } from '../weft.ts';
import { FieldFrame } from './FieldFrame.tsx';
import { useDraft } from './useDraft.ts';

interface Props {
  handle: NoteHandle;
  field: FieldName;
  placeholder?: string;
  suggestions?: readonly string[];
}

/** A field of one line: committed by Enter and on leaving, taken back by Escape. */
export function LineField({ handle, field, placeholder, suggestions = [] }: Props) {
  const draft = useDraft(handle, field);
  return (
    <FieldFrame draft={draft}>
      {(control) => (
        <>
          <input
            {...control}
            className="control"
            type="text"
            autoComplete="off"
            placeholder={placeholder}
            list={suggestions.length > 0 ? `${control.id}-list` : undefined}
            value={draft.text}
            onChange={(event) => draft.edit(event.target.value)}
            onBlur={draft.commit}
            onKeyDown={(event) => {
              if (event.key === 'Enter') draft.commit();
              if (event.key === 'Escape') draft.revert();
            }}
          />
          {suggestions.length > 0 && (
            <datalist id={`${control.id}-list`}>
              {suggestions.map((suggestion) => (
                <option key={suggestion} value={suggestion} />
              ))}
            </datalist>
          )}
        </>
      )}
    </FieldFrame>
  );
}
