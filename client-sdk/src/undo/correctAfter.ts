import { isEqual } from '../../protocol/isEqual.ts';
import type { FieldValues } from '../../protocol/outcome.ts';
import type { History, UndoableAction } from './history.ts';

/** The history, where the server made these values of a command and not the expected ones. */
export function correctAfter(history: History, key: string, fields: Readonly<FieldValues>): History {
  const correct = (action: UndoableAction): UndoableAction => {
    // Behind another change of these fields, its own values are not those that would be taken back.
    if (action.kind === 'text' || action.keys.at(-1) !== key) return action;
    const after = Object.fromEntries(Object.keys(action.after).map((field) => [field, fields[field]]));
    return isEqual(after, action.after) ? action : { ...action, after };
  };
  return { ...history, past: history.past.map(correct), future: history.future.map(correct) };
}
