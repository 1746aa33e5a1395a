import { useRef } from 'react';
import { Options } from '../shell/Options.tsx';
import type { NoteHandle, NoteState } from '../weft.ts';
import { FieldFrame } from './FieldFrame.tsx';
import { fromText } from './fields.ts';
import { useDraft } from './useDraft.ts';

interface Props {
  handle: NoteHandle;
  field: 'status' | 'priority';
}

/** A field of a few values: committed as soon as one is chosen. */
export function ChoiceField({ handle, field }: Props) {
  const draft = useDraft(handle, field);
  // What was on display when the list was opened, which hides what others do meanwhile.
  const seen = useRef<NoteState>(undefined);
  const remember = () => {
    seen.current ??= handle.peek();
  };
  const forget = () => {
    seen.current = undefined;
  };
  return (
    <FieldFrame draft={draft}>
      {(control) => (
        <select
          {...control}
          className="control"
          data-value={draft.text}
          value={draft.text}
          onPointerDown={remember}
          onKeyDown={remember}
          onBlur={forget}
          onChange={(event) => {
            void draft.send(fromText(field, event.target.value), seen.current);
            forget();
          }}
        >
          <Options field={field} />
        </select>
      )}
    </FieldFrame>
  );
}
