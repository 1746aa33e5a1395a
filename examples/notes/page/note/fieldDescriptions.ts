import type { FieldName } from '../weft.ts';

export interface Choice {
  readonly value: string | number;
  readonly label: string;
}

/** How a field is called, what an absent value is called, and by what kind of control it is edited. */
export interface FieldDescription {
  readonly label: string;
  readonly none: string;
  readonly control: { kind: 'line' } | { kind: 'date' } | { kind: 'list' } | ChoiceControl;
}

export interface ChoiceControl {
  readonly kind: 'choice';
  readonly choices: readonly Choice[];
}

const STATUS: ChoiceControl = {
  kind: 'choice',
  choices: [
    { value: 'open', label: 'Open' },
    { value: 'in-progress', label: 'In progress' },
    { value: 'done', label: 'Done' },
  ],
};

const PRIORITY: ChoiceControl = {
  kind: 'choice',
  choices: [
    { value: 0, label: 'Lowest' },
    { value: 1, label: 'Low' },
    { value: 2, label: 'Normal' },
    { value: 3, label: 'High' },
    { value: 4, label: 'Urgent' },
  ],
};

export const FIELD_DESCRIPTIONS = {
  title: { label: 'Title', none: 'none', control: { kind: 'line' } },
  status: { label: 'Status', none: 'none', control: STATUS },
  priority: { label: 'Priority', none: 'none', control: PRIORITY },
  assignee: { label: 'Assignee', none: 'nobody', control: { kind: 'line' } },
  start: { label: 'Start', none: 'no date', control: { kind: 'date' } },
  end: { label: 'End', none: 'no date', control: { kind: 'date' } },
  tags: { label: 'Tags', none: 'no tags', control: { kind: 'list' } },
} as const satisfies Record<FieldName, FieldDescription>;

export function describeField(field: string): FieldDescription {
  return Object.hasOwn(FIELD_DESCRIPTIONS, field)
    ? FIELD_DESCRIPTIONS[field as FieldName]
    : { label: field, none: 'none', control: { kind: 'line' } };
}
