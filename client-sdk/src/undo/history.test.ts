import { expect, it } from 'vitest';
import type { FieldValues } from '../../protocol/outcome.ts';
import {
  canRedo,
  canUndo,
  dropAction,
  dropCommand,
  dropText,
  EMPTY_HISTORY,
  type History,
  JOIN_TIME,
  MAX_ACTIONS,
  moveText,
  noteFields,
  noteText,
  putBack,
  takeRedo,
  takeUndo,
} from './history.ts';

type Step = { readonly at?: number; readonly key?: string };

/** A change of the title. */
function rename(
  history: History,
  [before, after]: [string, string],
  { at = 0, key = after }: Step = {},
): History {
  return noteFields(history, { before: { title: before }, after: { title: after }, key, at });
}

/** What would be taken back, the newest first: a text's name, or a change as `before → after`. */
function listPast({ past }: History): string[] {
  return past.toReversed().map(toWords);
}

function listFuture({ future }: History): string[] {
  return future.toReversed().map(toWords);
}

function toWords(action: History['past'][number]): string {
  if (action.kind === 'text') return action.field;
  const words = (values: Readonly<FieldValues>) => Object.values(values).join();
  return `${words(action.before)} → ${words(action.after)}`;
}

/** Titles a, b, c, d, with pauses between them. */
function abcd(): History {
  const b = rename(EMPTY_HISTORY, ['a', 'b'], { at: 0 });
  return rename(rename(b, ['b', 'c'], { at: 10_000 }), ['c', 'd'], { at: 20_000 });
}

it('[UND1] takes back the last action first, and does again what was taken back last', () => {
  const history = noteText(rename(EMPTY_HISTORY, ['a', 'b']), 'body');
  const first = takeUndo(history);
  expect(first?.action).toEqual({ kind: 'text', field: 'body' });
  const second = takeUndo(first!.history);
  expect(second?.action).toMatchObject({ kind: 'fields', before: { title: 'a' }, after: { title: 'b' } });
  expect(takeUndo(second!.history)).toBeUndefined();
  const again = takeRedo(second!.history);
  expect(again?.action).toBe(second?.action);
  expect(takeRedo(takeRedo(again!.history)!.history)).toBeUndefined();
});

it('[UND1] tells whether there is something to take back, and something to do again', () => {
  const tell = (history: History) => [canUndo(history), canRedo(history)];
  const one = rename(EMPTY_HISTORY, ['a', 'b']);
  expect(tell(EMPTY_HISTORY)).toEqual([false, false]);
  expect(tell(one)).toEqual([true, false]);
  expect(tell(takeUndo(one)!.history)).toEqual([false, true]);
});

it('[UND1] forgets what could be done again when there is a new action', () => {
  const undone = takeUndo(abcd())!.history;
  expect(listFuture(undone)).toEqual(['c → d']);
  expect(listFuture(rename(undone, ['c', 'e']))).toEqual([]);
  expect(listFuture(noteText(undone, 'body'))).toEqual([]);
});

it('[UND1] does not count a change to the same values as an action', () => {
  const undone = takeUndo(abcd())!.history;
  expect(rename(undone, ['c', 'c'])).toBe(undone);
});

it('[UND1] takes what is typed into a field without a pause as one step', () => {
  const typed = rename(EMPTY_HISTORY, ['', 'P'], { at: 1000 });
  const more = rename(typed, ['P', 'Pl'], { at: 1000 + JOIN_TIME - 1 });
  const evenMore = rename(more, ['Pl', 'Pla'], { at: 1000 + 2 * JOIN_TIME - 2 });
  expect(listPast(evenMore)).toEqual([' → Pla']);
  const later = rename(evenMore, ['Pla', 'Plan'], { at: 1000 + 3 * JOIN_TIME - 2 });
  expect(listPast(later)).toEqual(['Pla → Plan', ' → Pla']);
});

it('[UND1] keeps steps apart between which something else happened', () => {
  const first = rename(EMPTY_HISTORY, ['a', 'b'], { at: 0 });
  const other = { before: { status: 'open' }, after: { status: 'done' }, key: 'k', at: 1 };
  expect(listPast(rename(noteFields(first, other), ['b', 'c'], { at: 2 }))).toHaveLength(3);
  expect(listPast(rename(noteText(first, 'body'), ['b', 'c'], { at: 2 }))).toHaveLength(3);
  const redone = takeRedo(takeUndo(first)!.history)!.history;
  expect(listPast(rename(redone, ['b', 'c'], { at: 2 }))).toHaveLength(2);
  const bySomebodyElse = rename(first, ['x', 'c'], { at: 2 });
  expect(listPast(bySomebodyElse)).toEqual(['x → c', 'a → b']);
});

it('[UND1] has nothing to take back where what was typed was removed again', () => {
  const typed = rename(abcd(), ['d', 'de'], { at: 30_000 });
  const removed = rename(typed, ['de', 'd'], { at: 30_100 });
  expect(listPast(removed)).toEqual(listPast(abcd()));
  expect(listPast(rename(removed, ['d', 'e'], { at: 30_200 }))[0]).toBe('d → e');
});

it('[UND1] follows a text whose editor takes steps back by itself', () => {
  const both = rename(noteText(noteText(EMPTY_HISTORY, 'body'), 'outline'), ['a', 'b']);
  const undone = moveText(both, 'body', 'undo');
  expect([listPast(undone), listFuture(undone)]).toEqual([['a → b', 'outline'], ['body']]);
  const redone = moveText(undone, 'body', 'redo');
  expect([listPast(redone), listFuture(redone)]).toEqual([['body', 'a → b', 'outline'], []]);
});

it('[UND1] takes a step of a text that it did not know of', () => {
  expect(listFuture(moveText(EMPTY_HISTORY, 'body', 'undo'))).toEqual(['body']);
  expect(listPast(moveText(EMPTY_HISTORY, 'body', 'redo'))).toEqual(['body']);
});

it('[UND1] forgets the steps of a text that are gone, and no others', () => {
  const texts = ['body', 'outline', 'body'].reduce(noteText, abcd());
  const undone = takeUndo(takeUndo(texts)!.history)!.history;
  const dropped = dropText(undone, 'body');
  expect([listPast(dropped), listFuture(dropped)]).toEqual([listPast(abcd()), ['outline']]);
});

it('[UND1] forgets a step of a text that turns out to be none', () => {
  const { history, action } = takeUndo(['body', 'body'].reduce(noteText, abcd()))!;
  const dropped = dropAction(history, action);
  expect([listPast(dropped), listFuture(dropped)]).toEqual([['body', ...listPast(abcd())], []]);
});

it('[UND1] forgets what was refused, on whichever side it is', () => {
  expect(listPast(dropCommand(abcd(), 'c'))).toEqual(['c → d', 'a → b']);
  const undone = takeUndo(abcd())!.history;
  expect(listFuture(dropCommand(undone, 'd'))).toEqual([]);
  const joined = rename(rename(abcd(), ['d', 'e'], { at: 30_000 }), ['e', 'f'], { at: 30_001 });
  expect(listPast(joined)[0]).toBe('d → f');
  expect(listPast(dropCommand(joined, 'e'))).toEqual(listPast(abcd()));
});

it('[UND1] does not go on with an earlier step where the last one was refused', () => {
  const refused = dropCommand(
    rename(rename(EMPTY_HISTORY, ['a', 'b'], { at: 0 }), ['b', 'c'], { at: 900 }),
    'c',
  );
  expect(listPast(rename(refused, ['b', 'd'], { at: 901 }))).toEqual(['b → d', 'a → b']);
});

it('[UND2] has an action back that could not be taken back, beside those that were taken back since', () => {
  const first = takeUndo(abcd())!;
  const second = takeUndo(first.history)!;
  const back = putBack(second.history, first.action, 'undo');
  expect([listPast(back), listFuture(back)]).toEqual([['c → d', 'a → b'], ['b → c']]);
});

it('[UND2] has an action back that could not be done again', () => {
  const redone = takeRedo(takeUndo(abcd())!.history)!;
  const back = putBack(redone.history, redone.action, 'redo');
  expect([listPast(back), listFuture(back)]).toEqual([['b → c', 'a → b'], ['c → d']]);
});

it('[UND2] leaves an action where it is that has changed sides again, or is forgotten', () => {
  const undone = takeUndo(abcd())!;
  const redone = takeRedo(undone.history)!.history;
  expect(putBack(redone, undone.action, 'undo')).toBe(redone);
  const goneOn = rename(undone.history, ['c', 'e']);
  expect(putBack(goneOn, undone.action, 'undo')).toBe(goneOn);
});

it('[UND1] keeps a bounded number of actions, the newest ones', () => {
  let history = EMPTY_HISTORY;
  for (let turn = 0; turn < MAX_ACTIONS + 2; turn++) history = noteText(history, `text ${turn}`);
  expect(history.past).toHaveLength(MAX_ACTIONS);
  expect(listPast(history).at(-1)).toBe('text 2');
});
