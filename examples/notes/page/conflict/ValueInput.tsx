import { useId } from 'react';
import { describeField } from '../note/fields.ts';
import { Options } from '../shell/Options.tsx';

interface Props {
  field: string;
  label: string;
  text: string;
  onChange(text: string): void;
}

/** An input of a field's kind, for a value that is not sent yet. */
export function ValueInput({ field, label, text, onChange }: Props) {
  const id = useId();
  const { kind } = describeField(field);
  const common = { id, className: 'control', value: text, autoFocus: true };
  return (
    <div className="value-input">
      <label className="field-label" htmlFor={id}>
        {label}
      </label>
      {typeof kind === 'string' ? (
        <input
          {...common}
          type={kind === 'date' ? 'date' : 'text'}
          autoComplete="off"
          onChange={(event) => onChange(event.target.value)}
        />
      ) : (
        <select {...common} onChange={(event) => onChange(event.target.value)}>
          <Options field={field} />
        </select>
      )}
    </div>
  );
}
