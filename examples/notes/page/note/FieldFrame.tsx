import type { ReactNode } from 'react';
import type { FieldName } from '../weft.ts';
import { idOfError } from './invalidProps.ts';
import type { OpenNote } from './openNote.ts';

interface Props {
  note: OpenNote;
  field: FieldName;
  /** Of the control, which `children` is. */
  controlId: string;
  label: string;
  /** The control holds something that was not sent. */
  isDraft?: boolean;
  error: string | undefined;
  children: ReactNode;
}

/** A field's label, its control, and what is to be said of its value: not confirmed yet, or refused. */
export function FieldFrame({ note, field, controlId, label, isDraft, error, children }: Props) {
  const isPending = note.state.pending.includes(field);
  return (
    <div className="field" data-field={field} data-pending={isPending ? true : undefined}>
      <label className="field-label" htmlFor={controlId}>
        {label}
      </label>
      {isPending && !isDraft && (
        <span className="field-pending" title="The server has not confirmed this value yet">
          saving…
        </span>
      )}
      {isDraft && <span className="field-draft">not saved yet</span>}
      {children}
      {error !== undefined && (
        <p className="field-error" id={idOfError(controlId)} role="alert">
          {error}
        </p>
      )}
    </div>
  );
}
