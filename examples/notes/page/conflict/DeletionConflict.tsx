import type { AnswerProps } from './ChangeConflict.tsx';
import { ConflictValues } from './ConflictValues.tsx';

/** A deletion of a note that somebody changed meanwhile: there is one thing to decide, whatever was changed. */
export function DeletionConflict({ fields, error, isSending, onAnswer, onPostpone }: AnswerProps) {
  return (
    <>
      <p className="modal-lead">
        You wanted to delete the note. It was not deleted, because it is no longer what you saw.
      </p>
      {fields.map((field) => (
        <section className="conflict" key={field.field}>
          <ConflictValues conflict={field} />
        </section>
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
        <button type="button" className="button" disabled={isSending} onClick={() => onAnswer('theirs')}>
          Keep the note
        </button>
        <button
          type="button"
          className="button danger solid"
          disabled={isSending}
          onClick={() => onAnswer('mine')}
        >
          Delete it anyway
        </button>
      </div>
    </>
  );
}
