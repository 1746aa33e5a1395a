import { useId, useRef } from 'react';
import type { ExistingNoteState } from '../weft.ts';
import { FIELD_DESCRIPTIONS } from './fieldDescriptions.ts';
import { FieldFrame } from './FieldFrame.tsx';
import { fromText, toText } from './fieldText.ts';
import { invalidProps } from './invalidProps.ts';
import type { OpenNote } from './openNote.ts';
import { useFieldCommit } from './useFieldCommit.ts';

interface Props {
  note: OpenNote;
  field: 'status' | 'priority';
}

/** A field of a few values: committed as soon as one is chosen. */
export function ChoiceField({ note, field }: Props) {
  const id = useId();
  const { label, control } = FIELD_DESCRIPTIONS[field];
  const { error, commit } = useFieldCommit(note, field);
  // What was on display when the list was opened, which hides what others do meanwhile.
  const seen = useRef<ExistingNoteState>(undefined);
  const remember = () => {
    seen.current ??= note.state;
  };
  const forget = () => {
    seen.current = undefined;
  };

  function choose(text: string) {
    commit(fromText(field, text), seen.current ?? note.state);
    forget();
  }

  const value = toText(note.state.fields[field]);
  return (
    <FieldFrame note={note} field={field} controlId={id} label={label} error={error}>
      <select
        id={id}
        className="control"
        data-value={value}
        value={value}
        onPointerDown={remember}
        onKeyDown={remember}
        onBlur={forget}
        onChange={(event) => choose(event.target.value)}
        {...invalidProps(id, error)}
      >
        {control.choices.map((choice) => (
          <option key={choice.value} value={choice.value}>
            {choice.label}
          </option>
        ))}
      </select>
    </FieldFrame>
  );
}
