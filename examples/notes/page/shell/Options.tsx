import { describeField } from '../note/fields.ts';

/** The values of a field that has a few. */
export function Options({ field }: { field: string }) {
  const { kind } = describeField(field);
  if (typeof kind === 'string') return null;
  return kind.map(({ value, label }) => (
    <option key={value} value={value}>
      {label}
    </option>
  ));
}
