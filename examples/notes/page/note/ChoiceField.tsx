import { Options } from '../shell/Options.tsx';
import type { NoteFields, NoteHandle } from '../weft.ts';
import { FieldFrame } from './FieldFrame.tsx';
import { fromText, toText } from './fields.ts';
import { useNoteDraft } from './useNoteDraft.ts';

interface Props {
  handle: NoteHandle;
  field: 'status' | 'priority';
}

/** A field of a few values: committed as soon as one is chosen. */
export function ChoiceField({ handle, field }: Props) {
  const draft = useNoteDraft(handle, field);
  // Judged by what was on display when the list was opened, which hides what others do meanwhile.
  const begin = () => {
    if (draft.value !== undefined) draft.edit(draft.value);
  };
  return (
    <FieldFrame field={field} draft={draft}>
      {(control) => (
        <select
          {...control}
          className="control"
          data-value={toText(draft.value)}
          value={toText(draft.value)}
          onPointerDown={begin}
          onKeyDown={begin}
          onBlur={draft.commit}
          onChange={({ target }) => void draft.set(fromText(field, target.value) as NoteFields[typeof field])}
        >
          <Options field={field} />
        </select>
      )}
    </FieldFrame>
  );
}
