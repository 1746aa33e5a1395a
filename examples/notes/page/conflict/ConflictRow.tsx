import { useId } from 'react';
import { describeField, toText } from '../note/fields.ts';
import type { NoteConflictField } from '../weft.ts';
import { ConflictValues } from './ConflictValues.tsx';
import type { Choice } from './toAnswer.ts';
import { ValueInput } from './ValueInput.tsx';

interface Props {
  conflict: NoteConflictField;
  choice: Choice | undefined;
  /** The choice stays and can be changed until it is applied. */
  isToggle: boolean;
  isDisabled: boolean;
  onChoose(choice: Choice): void;
}

/** One field of a conflict: its three values and the three answers. */
export function ConflictRow({ conflict, choice, isToggle, isDisabled, onChoose }: Props) {
  const id = useId();
  const { field, want } = conflict;
  const button = (kind: Choice['kind'], text: string) => (
    <button
      type="button"
      className="button"
      disabled={isDisabled}
      aria-pressed={isToggle || kind === 'edit' ? choice?.kind === kind : undefined}
      onClick={() => onChoose(kind === 'edit' ? { kind, text: toText(want) } : { kind })}
    >
      {text}
    </button>
  );
  return (
    <section className="conflict" aria-labelledby={id} data-field={field} data-choice={choice?.kind}>
      <ConflictValues conflict={conflict} headingId={id} />
      <div className="conflict-choices" role="group" aria-labelledby={id}>
        {button('mine', 'Keep mine')}
        {button('theirs', 'Take theirs')}
        {button('edit', 'Edit')}
      </div>
      {choice?.kind === 'edit' && (
        <ValueInput
          field={field}
          label={`New value of ${describeField(field).label.toLowerCase()}`}
          text={choice.text}
          onChange={(text) => onChoose({ kind: 'edit', text })}
        />
      )}
    </section>
  );
}
