import type { FieldName } from '../weft.ts';

type Choice = { readonly value: string | number; readonly label: string };
type Kind = 'line' | 'date' | 'list' | readonly Choice[];

/** How a field is called, what an absent value is called, and what it is edited by: its values, where they are few. */
export type FieldDescription = { readonly label: string; readonly none: string; readonly kind: Kind };

const STATUSES = [
  { value: 'open', label: 'Open' },
  { value: 'in-progress', label: 'In progress' },
  { value: 'done', label: 'Done' },
] as const;
const PRIORITIES = ['Lowest', 'Low', 'Normal', 'High', 'Urgent'].map((label, value) => ({ value, label }));
const DAY = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeZone: 'UTC' });

export const FIELDS: Readonly<Record<FieldName, FieldDescription>> = {
  title: { label: 'Title', none: 'none', kind: 'line' },
  status: { label: 'Status', none: 'none', kind: STATUSES },
  priority: { label: 'Priority', none: 'none', kind: PRIORITIES },
  assignee: { label: 'Assignee', none: 'nobody', kind: 'line' },
  start: { label: 'Start', none: 'no date', kind: 'date' },
  end: { label: 'End', none: 'no date', kind: 'date' },
  tags: { label: 'Tags', none: 'no tags', kind: 'list' },
};

export function describeField(field: string): FieldDescription {
  const known = Object.hasOwn(FIELDS, field) ? FIELDS[field as FieldName] : undefined;
  return known ?? { label: field, none: 'none', kind: 'line' };
}

/** A value as a control holds it: an absent one is the empty text. */
export function toText(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (Array.isArray(value)) return value.join(', ');
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** What a control's text stands for; not validated yet. */
export function fromText(field: string, text: string): unknown {
  const { kind } = describeField(field);
  const trimmed = text.trim();
  if (kind === 'list') return [...new Set(trimmed.split(/\s*,\s*/).filter((member) => member !== ''))];
  if (typeof kind !== 'string') return kind.find(({ value }) => String(value) === trimmed)?.value;
  return trimmed === '' && field !== 'title' ? null : trimmed;
}

/** A value as people read it. */
export function formatValue(field: string, value: unknown): string {
  const { kind, none } = describeField(field);
  const text = toText(value);
  if (text === '') return none;
  if (kind === 'date') return Number.isNaN(Date.parse(text)) ? text : DAY.format(new Date(text));
  return (
    (typeof kind === 'string' ? undefined : kind.find((choice) => choice.value === value)?.label) ?? text
  );
}
