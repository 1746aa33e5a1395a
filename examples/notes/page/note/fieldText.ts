import { describeField } from './fieldDescriptions.ts';

const DAY = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeZone: 'UTC' });

/** A value as a control holds it: an absent one is the empty text. */
export function toText(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (Array.isArray(value)) return value.join(', ');
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** What a control's text stands for; not validated yet. */
export function fromText(field: string, text: string): unknown {
  const { control } = describeField(field);
  const trimmed = text.trim();
  switch (control.kind) {
    case 'choice':
      return control.choices.find((choice) => String(choice.value) === trimmed)?.value;
    case 'list':
      return [...new Set(trimmed.split(/\s*,\s*/).filter((member) => member !== ''))];
    case 'date':
      return trimmed === '' ? null : trimmed;
    case 'line':
      return trimmed === '' && field !== 'title' ? null : trimmed;
  }
}

/** A value as people read it. */
export function formatValue(field: string, value: unknown): string {
  const { control, none } = describeField(field);
  const text = toText(value);
  if (text === '') return none;
  if (control.kind === 'date') return formatDay(text);
  if (control.kind !== 'choice') return text;
  return control.choices.find((choice) => choice.value === value)?.label ?? text;
}

/** `2026-09-14` in the reader's own notation. */
export function formatDay(day: string): string {
  const date = new Date(`${day}T00:00:00Z`);
  return Number.isNaN(date.getTime()) ? day : DAY.format(date);
}
