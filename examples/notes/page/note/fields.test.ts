import { describe, expect, it } from 'vitest';
import { formatValue, fromText, toText } from './fields.ts';

describe('fields', () => {
  it.each([
    ['title', ' Plan ', 'Plan'],
    ['title', ' ', ''],
    ['status', 'done', 'done'],
    ['priority', '0', 0],
    ['assignee', ' ', null],
    ['start', '2026-09-14', '2026-09-14'],
    ['end', '', null],
    ['tags', 'a, b ,,a', ['a', 'b']],
  ])('reads the %s that %j stands for', (field, text, value) => {
    expect(fromText(field, text)).toEqual(value);
  });

  it.each([
    ['title', 'Plan'],
    ['priority', 3],
    ['assignee', null],
    ['tags', ['a', 'b']],
  ])('reads back the %s that it wrote', (field, value) => {
    expect(fromText(field, toText(value))).toEqual(value);
  });

  it.each([
    ['status', 'in-progress', 'In progress'],
    ['priority', 4, 'Urgent'],
    ['assignee', null, 'nobody'],
    ['start', null, 'no date'],
    ['tags', [], 'no tags'],
    ['tags', ['a', 'b'], 'a, b'],
    ['later', 'field', 'field'],
  ])('shows the %s %j to people as %j', (field, value, shown) => {
    expect(formatValue(field, value)).toBe(shown);
  });

  it('shows the day itself, whatever the time zone', () => {
    expect(formatValue('start', '2026-09-14')).toContain('14');
    expect(formatValue('start', 'not a day')).toBe('not a day');
  });
});
