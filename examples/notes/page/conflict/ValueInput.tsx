import { useId } from 'react';
import { describeField } from '../note/fieldDescriptions.ts';

interface Props {
  field: string;
  label: string;
  text: string;
  onChange(text: string): void;
}

/** An input of a field's kind, for a value that is not sent yet. */
export function ValueInput({ field, label, text, onChange }: Props) {
  const id = useId();
  const { control } = describeField(field);
  const common = { id, className: 'control', value: text, autoFocus: true };
  return (
    <div className="value-input">
      <label className="field-label" htmlFor={id}>
        {label}
      </label>
      {control.kind === 'choice' ? (
        <select {...common} onChange={(event) => onChange(event.target.value)}>
          {control.choices.map((choice) => (
            <option key={choice.value} value={choice.value}>
              {choice.label}
            </option>
          ))}
        </select>
      ) : (
        <input
          {...common}
          type={control.kind === 'date' ? 'date' : 'text'}
          autoComplete="off"
          onChange={(event) => onChange(event.target.value)}
        />
      )}
    </div>
  );
}
