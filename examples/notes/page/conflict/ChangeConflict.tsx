import { useState } from 'react';
import { FIELDS } from '../note/fields.ts';
import type { NoteConflict } from '../weft.ts';
import { ConflictRow } from './ConflictRow.tsx';
import { type Choice, type Choices, toAnswer } from './toAnswer.ts';

export type Answer = ReturnType<typeof toAnswer>;

export interface AnswerProps {
  fields: NoteConflict['fields'];
  /** Why the last answer was refused. */
  error: string | undefined;
  isSending: boolean;
  onAnswer(answer: Answer): void;
  /** Another answer is being made. */
  onChange(): void;
  onPostpone(): void;
}

/**
 * A change that would have overwritten a newer one. With one field a choice acts at once; with several, all are
 * chosen first and applied together.
 */
export function ChangeConflict(props: AnswerProps) {
  const { fields, error, isSending, onAnswer, onChange, onPostpone } = props;
  const [choices, setChoices] = useState<Choices>({});
  const isSingle = fields.length === 1;
  const isDecided = fields.every(({ field }) => choices[field]);
  const needsApply = !isSingle || Object.values(choices).some(({ kind }) => kind === 'edit');

  function choose(field: string, choice: Choice) {
    const next = { ...choices, [field]: choice };
    setChoices(next);
    onChange();
    if (isSingle && choice.kind !== 'edit') onAnswer(toAnswer(fields, next));
  }

  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (isDecided) onAnswer(toAnswer(fields, choices));
      }}
    >
      <p className="modal-lead">
        Your change was not applied, so that nothing is overwritten unseen.{' '}
        {isSingle ? 'What shall it be?' : 'Choose for each field, then apply.'}
      </p>
      {inPageOrder(fields).map((field) => (
        <ConflictRow
          key={field.field}
          conflict={field}
          choice={choices[field.field]}
          isToggle={!isSingle}
          isDisabled={isSending}
          onChoose={(choice) => choose(field.field, choice)}
        />
      ))}
      {error !== undefined && (
        <p className="field-error" role="alert">
          {error}
        </p>
      )}
      <div className="modal-actions">
        <button type="button" className="button quiet" onClick={onPostpone}>
          Decide later
        </button>
        {needsApply && (
          <button type="submit" className="button primary" disabled={!isDecided || isSending}>
            Apply
          </button>
        )}
      </div>
    </form>
  );
}

/** As the note's own page shows them. */
function inPageOrder(fields: NoteConflict['fields']): NoteConflict['fields'] {
  const order = Object.keys(FIELDS);
  return [...fields].sort((a, b) => order.indexOf(a.field) - order.indexOf(b.field));
}
