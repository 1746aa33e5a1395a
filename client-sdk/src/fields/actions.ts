import type { AggregateDefinition } from '../../protocol/aggregateDefinition.ts';
import type { FieldValues } from '../../protocol/outcome.ts';
import type { Clock } from '../connection/clock.ts';
import {
  canRedo,
  canUndo,
  dropAction,
  dropCommand,
  dropText,
  EMPTY_HISTORY,
  type FieldsAction,
  type History,
  moveText,
  noteFields,
  noteText,
  putBack,
  takeRedo,
  takeUndo,
} from '../undo/history.ts';
import { toRedoPatch, toUndoPatch } from '../undo/toUndoPatch.ts';
import type { UndoResult } from './changeResult.ts';
import type { QueuedCommand } from './commandQueue.ts';
import type { HandleState } from './handleState.ts';
import { refuseUnseen } from './refuseUnseen.ts';
import type { Writer } from './writer.ts';

type Direction = 'undo' | 'redo';

export type ActionsOptions = {
  readonly writer: Writer;
  /** Each takes the last step of a text back, or does it again; false where there is none. */
  readonly texts: Readonly<Record<Direction, (field: string) => boolean>> & {
    /** What is typed from now on is a step of its own, but for this text. */
    endSteps(except?: string): void;
  };
  readonly clock: Clock;
  /** What is on display. */
  readonly state: () => HandleState<AggregateDefinition>;
  readonly onChange: () => void;
};

/** What this person did here, over fields and texts, to be taken back and done again in order. */
export class Actions {
  readonly #options: ActionsOptions;
  #history: History = EMPTY_HISTORY;
  // A text says what becomes of its own steps, also where that was asked for here.
  #isMoving = false;

  constructor(options: ActionsOptions) {
    this.#options = options;
  }

  get canUndo(): boolean {
    return canUndo(this.#history);
  }

  get canRedo(): boolean {
    return canRedo(this.#history);
  }

  /** A command that this person asked for, on what is on display. */
  noteCommand({ key, values }: Pick<QueuedCommand, 'key' | 'values'>): void {
    const { state, clock, texts } = this.#options;
    const now = state();
    if (now.status !== 'existing') return;
    texts.endSteps();
    const shown: Readonly<FieldValues> = now.fields;
    const before = Object.fromEntries(Object.keys(values).map((field) => [field, shown[field]]));
    this.#history = noteFields(this.#history, { key, before, after: values, at: clock.now() });
  }

  dropCommand(key: string): void {
    this.#history = dropCommand(this.#history, key);
  }

  noteText(field: string): void {
    this.#options.texts.endSteps(field);
    this.#history = noteText(this.#history, field);
    this.#options.onChange();
  }

  /** An editor's own keys did it. */
  moveText(field: string, direction: Direction): void {
    if (this.#isMoving) return;
    this.#history = moveText(this.#history, field, direction);
    this.#options.onChange();
  }

  dropText(field: string): void {
    this.#history = dropText(this.#history, field);
    this.#options.onChange();
  }

  async move(direction: Direction): Promise<UndoResult<AggregateDefinition>> {
    const taken = direction === 'undo' ? takeUndo(this.#history) : takeRedo(this.#history);
    if (!taken) return { outcome: 'nothing' };
    const { action } = taken;
    this.#history = taken.history;
    if (action.kind === 'fields') return this.#moveFields(action, direction);
    const { field } = action;
    const isMoved = this.#moveText(field, direction);
    if (!isMoved) this.#history = dropAction(this.#history, action);
    this.#options.onChange();
    return isMoved ? { outcome: 'text', field } : this.move(direction);
  }

  #moveText(field: string, direction: Direction): boolean {
    this.#isMoving = true;
    try {
      return this.#options.texts[direction](field);
    } finally {
      this.#isMoving = false;
    }
  }

  async #moveFields(action: FieldsAction, direction: Direction): Promise<UndoResult<AggregateDefinition>> {
    const { state, writer, onChange } = this.#options;
    const now = state();
    const shown = now.status === 'existing' ? now.fields : {};
    const { patch, seen } = direction === 'undo' ? toUndoPatch(action, shown) : toRedoPatch(action, shown);
    const result = refuseUnseen(now) ?? (await writer.takeBack(patch, seen));
    const note = ({ outcome }: Pick<typeof result, 'outcome'>) => {
      if (outcome === 'rejected') this.#history = putBack(this.#history, action, direction);
      onChange();
    };
    if (result.outcome === 'queued') void result.settled.then(note);
    else note(result);
    return result;
  }
}
