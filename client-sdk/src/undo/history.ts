import { isEqual } from '../../protocol/isEqual.ts';
import type { FieldValues } from '../../protocol/outcome.ts';

/** A change of fields: the values of those that it set, as they were displayed before and after. */
export type FieldsAction = {
  readonly kind: 'fields';
  readonly before: Readonly<FieldValues>;
  readonly after: Readonly<FieldValues>;
  /** Of the commands that asked for it. */
  readonly keys: readonly string[];
};

/** One step of a text's own undo stack, which knows what it is. */
export type TextAction = { readonly kind: 'text'; readonly field: string };

export type UndoableAction = FieldsAction | TextAction;

/** A change of fields that is asked for. */
export type NotedChange = Pick<FieldsAction, 'before' | 'after'> & {
  /** Of its command. */
  readonly key: string;
  /** When, in milliseconds. */
  readonly at: number;
};

/**
 * What one person did to one aggregate, in order. Immutable. The next to be taken back is the last of `past`, the next
 * to be done again the last of `future`.
 */
export type History = {
  readonly past: readonly UndoableAction[];
  readonly future: readonly UndoableAction[];
  /** Until then a change goes on with the last action. */
  readonly joinsUntil: number;
};

/** An action, and the history in which it changed sides. */
export type Taken = { readonly history: History; readonly action: UndoableAction };

export const EMPTY_HISTORY: History = { past: [], future: [], joinsUntil: -Infinity };

/** Older actions are forgotten. */
export const MAX_ACTIONS = 500;
/** As of an UndoManager of Yjs: what is typed without a pause is one step, in a field as in a text. */
export const JOIN_TIME = 500;

/** A change that goes on where the last one ended, of the same fields and soon, is one step with it. */
export function noteFields(history: History, change: NotedChange): History {
  const { before, after, key, at } = change;
  if (isEqual(before, after)) return history;
  const last = findJoined(history, change);
  const rest = last ? history.past.slice(0, -1) : history.past;
  // Whoever typed something and removed it again has done nothing.
  if (last && isEqual(last.before, after)) return { past: rest, future: [], joinsUntil: -Infinity };
  const action: FieldsAction = last
    ? { ...last, after, keys: [...last.keys, key] }
    : { kind: 'fields', before, after, keys: [key] };
  return { past: append(rest, action), future: [], joinsUntil: at + JOIN_TIME };
}

/** The text has a new step to take back. */
export function noteText({ past }: History, field: string): History {
  return { past: append(past, { kind: 'text', field }), future: [], joinsUntil: -Infinity };
}

/** The text took a step back, or did it again, by itself: an editor has keys of its own for that. */
export function moveText(history: History, field: string, direction: 'undo' | 'redo'): History {
  const [from, to] = direction === 'undo' ? (['past', 'future'] as const) : (['future', 'past'] as const);
  const at = history[from].findLastIndex((action) => isOfText(action, field));
  return {
    ...history,
    [from]: history[from].filter((_, index) => index !== at),
    [to]: append(history[to], { kind: 'text', field }),
    joinsUntil: -Infinity,
  };
}

/** The text's steps are gone. */
export function dropText(history: History, field: string): History {
  return keepOnly(history, (action) => !isOfText(action, field));
}

/** A command was refused, or is in conflict: what was never done can be neither taken back nor done again. */
export function dropCommand(history: History, key: string): History {
  return keepOnly(history, (action) => action.kind === 'text' || !action.keys.includes(key));
}

/** There was nothing of the action to take back, or to do again. */
export function dropAction(history: History, action: UndoableAction): History {
  return keepOnly(history, (other) => other !== action);
}

/** What to take back, and the history in which that is done; undefined where there is nothing. */
export function takeUndo({ past, future }: History): Taken | undefined {
  const action = past.at(-1);
  if (!action) return undefined;
  const history = { past: past.slice(0, -1), future: append(future, action), joinsUntil: -Infinity };
  return { history, action };
}

/** What to do again, and the history in which that is done; undefined where there is nothing. */
export function takeRedo({ past, future }: History): Taken | undefined {
  const action = future.at(-1);
  if (!action) return undefined;
  const history = { past: append(past, action), future: future.slice(0, -1), joinsUntil: -Infinity };
  return { history, action };
}

/**
 * Taking this action back was refused: it can be taken back still. Likewise doing it again. Nothing happens where it has
 * changed sides, or was forgotten, in the meantime.
 */
export function putBack(history: History, action: UndoableAction, refused: 'undo' | 'redo'): History {
  const { past, future } = history;
  if (!(refused === 'undo' ? future : past).includes(action)) return history;
  const isOther = (other: UndoableAction) => other !== action;
  return refused === 'undo'
    ? { past: append(past, action), future: future.filter(isOther), joinsUntil: -Infinity }
    : { past: past.filter(isOther), future: append(future, action), joinsUntil: -Infinity };
}

export function canUndo({ past }: History): boolean {
  return past.length > 0;
}

export function canRedo({ future }: History): boolean {
  return future.length > 0;
}

function findJoined({ past, joinsUntil }: History, { before, at }: NotedChange): FieldsAction | undefined {
  const last = past.at(-1);
  return last?.kind === 'fields' && at < joinsUntil && isEqual(last.after, before) ? last : undefined;
}

function append(actions: readonly UndoableAction[], action: UndoableAction): readonly UndoableAction[] {
  return [...actions, action].slice(-MAX_ACTIONS);
}

function keepOnly({ past, future }: History, isKept: (action: UndoableAction) => boolean): History {
  return { past: past.filter(isKept), future: future.filter(isKept), joinsUntil: -Infinity };
}

function isOfText(action: UndoableAction, field: string): boolean {
  return action.kind === 'text' && action.field === field;
}
