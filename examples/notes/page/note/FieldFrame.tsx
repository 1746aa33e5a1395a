import { type DraftView, useConnection } from '@weft/client/react';
import { type ReactNode, useId } from 'react';
import type { note } from '../../note.ts';
import { toFailure } from '../outcomes.ts';
import type { FieldName } from '../weft.ts';
import { FIELDS } from './fields.ts';

/** What every control of a field has. */
export interface ControlProps {
  id: string;
  'data-draft': true | undefined;
  'aria-invalid': true | undefined;
  'aria-describedby': string | undefined;
}

interface Props {
  field: FieldName;
  draft: Pick<DraftView<typeof note, FieldName>, 'isDraft' | 'isPending' | 'rejection'>;
  children(control: ControlProps): ReactNode;
}

/** A field's label, its control, and what is to be said of its value: not confirmed yet, or refused. */
export function FieldFrame({ field, draft: { isDraft, isPending, rejection }, children }: Props) {
  const id = useId();
  const error = rejection && toFailure(rejection, field);
  const hasError = error !== undefined || undefined;
  return (
    <div className="field" data-field={field} data-pending={isPending || undefined}>
      <label className="field-label" htmlFor={id}>
        {FIELDS[field].label}
      </label>
      {isPending && !isDraft && <Pending />}
      {isDraft && <span className="field-draft">not saved yet</span>}
      {children({
        id,
        'data-draft': isDraft || undefined,
        'aria-invalid': hasError,
        'aria-describedby': hasError && `${id}-error`,
      })}
      {hasError && (
        <p className="field-error" id={`${id}-error`} role="alert">
          {error}
        </p>
      )}
    </div>
  );
}

function Pending() {
  const isOnline = useConnection().state === 'online';
  return (
    <span className="field-pending" title="The server has not confirmed this value yet">
      {isOnline ? 'saving…' : 'waiting'}
    </span>
  );
}
