import { expect, it } from 'vitest';
import type { FieldsAction } from './history.ts';
import { toRedoPatch, toUndoPatch } from './toUndoPatch.ts';

const action: FieldsAction = {
  kind: 'fields',
  before: { title: 'Plan', status: 'open' },
  after: { title: 'Ada’s plan', status: 'done' },
  keys: ['k1'],
};
/** Somebody has changed the title since. */
const displayed = { title: 'Ben’s plan', status: 'done', start: 'today' };

it('[UND2] takes a change back as whoever saw their own values, and not what others have put there since', () => {
  expect(toUndoPatch(action, displayed)).toEqual({
    patch: { title: 'Plan', status: 'open' },
    seen: { title: 'Ada’s plan', status: 'done', start: 'today' },
  });
});

it('[UND2] does a change again as whoever saw the values that it was first made on', () => {
  expect(toRedoPatch(action, displayed)).toEqual({
    patch: { title: 'Ada’s plan', status: 'done' },
    seen: { title: 'Plan', status: 'open', start: 'today' },
  });
});
