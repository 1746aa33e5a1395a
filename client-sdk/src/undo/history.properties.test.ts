import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isEqual } from '../../protocol/isEqual.ts';
import type { FieldValues } from '../../protocol/outcome.ts';
import {
  canRedo,
  canUndo,
  dropText,
  EMPTY_HISTORY,
  JOIN_TIME,
  noteFields,
  noteText,
  takeRedo,
  takeUndo,
} from './history.ts';
import { toRedoPatch, toUndoPatch } from './toUndoPatch.ts';

// A failure prints its counterexample; WEFT_SEED, which the run prints, repeats it.
const times = Number(process.env.WEFT_PROPERTY_RUNS ?? 1);
const settings = { seed: Number(process.env.WEFT_SEED ?? 1), numRuns: 100 * times };

type Step =
  | { readonly kind: 'change'; readonly values: FieldValues; readonly pause: number }
  | { readonly kind: 'type' | 'drop'; readonly text: string }
  | { readonly kind: 'undo' | 'redo' };

const text = fc.constantFrom('body', 'outline');
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    kind: fc.constant('change' as const),
    values: fc.constantFrom<FieldValues>(
      ...[{ title: 'a' }, { title: 'b' }, { title: 'c' }, { status: 'x' }, { status: 'y' }],
      ...[{ title: 'a', status: 'x' }, { title: 'b', status: 'y' }, {}],
    ),
    pause: fc.constantFrom(0, 1, JOIN_TIME - 1, JOIN_TIME, 5 * JOIN_TIME),
  }),
  fc.record({ kind: fc.constant('type' as const), text }),
  fc.record({ kind: fc.constant('drop' as const), text }),
  fc.record({ kind: fc.constantFrom('undo' as const, 'redo' as const) }),
  fc.record({ kind: fc.constantFrom('undo' as const, 'redo' as const) }),
);

/** Values of fields, and how many edits each text has. */
type Display = Readonly<FieldValues>;
const START: Display = { title: '', status: '', body: 0, outline: 0 };

/** Everything that was on display, one state for each step that a person would say they made. */
class Model {
  timeline: Display[] = [START];
  cursor = 0;
  now = 0;
  #joins: { readonly names: string[]; readonly until: number } | undefined;

  get display(): Display {
    return this.timeline[this.cursor]!;
  }

  change(values: FieldValues, pause: number): void {
    this.now += pause;
    const next = { ...this.display, ...values };
    if (isEqual(next, this.display)) return;
    const names = Object.keys(values);
    const isJoined =
      this.#joins !== undefined && isEqual(names, this.#joins.names) && this.now < this.#joins.until;
    this.timeline = [...this.timeline.slice(0, this.cursor + (isJoined ? 0 : 1)), next];
    const isNothing = isEqual(this.timeline.at(-2), next);
    if (isNothing) this.timeline.pop();
    this.cursor = this.timeline.length - 1;
    this.#joins = isNothing ? undefined : { names, until: this.now + JOIN_TIME };
  }

  type(name: string): void {
    const next = { ...this.display, [name]: Number(this.display[name]) + 1 };
    this.timeline = [...this.timeline.slice(0, this.cursor + 1), next];
    this.move(1);
  }

  /** The text stays as it is, whatever else is taken back: no step is one of it any more. */
  drop(name: string): void {
    const now = this.display[name];
    const kept = this.timeline.map((state): Display => ({ ...state, [name]: now }));
    const isStep = kept.map((state, index) => index === 0 || !isEqual(state, kept[index - 1]));
    this.cursor = isStep.slice(0, this.cursor + 1).filter(Boolean).length - 1;
    this.timeline = kept.filter((_, index) => isStep[index]);
    this.#joins = undefined;
  }

  move(by: 1 | -1): void {
    const next = Math.min(Math.max(this.cursor + by, 0), this.timeline.length - 1);
    if (next !== this.cursor) this.#joins = undefined;
    this.cursor = next;
  }
}

/** One person's page: what it shows, and its history. */
class Page {
  display: Display = START;
  history = EMPTY_HISTORY;

  change(values: FieldValues, at: number): void {
    const before = Object.fromEntries(Object.keys(values).map((name) => [name, this.display[name]]));
    this.history = noteFields(this.history, { before, after: values, key: `${at}`, at });
    this.display = { ...this.display, ...values };
  }

  type(name: string): void {
    this.history = noteText(this.history, name);
    this.#edit(name, 1);
  }

  drop(name: string): void {
    this.history = dropText(this.history, name);
  }

  undo(): void {
    this.#take(takeUndo, toUndoPatch, -1);
  }

  redo(): void {
    this.#take(takeRedo, toRedoPatch, 1);
  }

  #take(take: typeof takeUndo, toPatch: typeof toUndoPatch, edits: 1 | -1): void {
    const taken = take(this.history);
    if (!taken) return;
    const { history, action } = taken;
    this.history = history;
    if (action.kind === 'text') return this.#edit(action.field, edits);
    const { patch, seen } = toPatch(action, this.display);
    // Alone one is never in conflict with anybody.
    expect(seen).toEqual(this.display);
    this.display = { ...this.display, ...patch };
  }

  #edit(name: string, edits: number): void {
    this.display = { ...this.display, [name]: Number(this.display[name]) + edits };
  }
}

function apply(model: Model, page: Page, step: Step): void {
  switch (step.kind) {
    case 'change':
      model.change(step.values, step.pause);
      return page.change(step.values, model.now);
    case 'type':
    case 'drop':
      model[step.kind](step.text);
      return page[step.kind](step.text);
    case 'undo':
      model.move(-1);
      return page.undo();
    case 'redo':
      model.move(1);
      return page.redo();
  }
}

test(
  '[UND1] [UND2] whatever is done, taken back and done again leads to the states that were on display',
  () => {
    const seen = { joined: 0, redone: 0 };
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60, size: 'max' }), (steps) => {
        const model = new Model();
        const page = new Page();
        for (const step of steps) {
          const length = model.timeline.length;
          apply(model, page, step);
          if (step.kind === 'redo' && canUndo(page.history)) seen.redone++;
          if (step.kind === 'change' && model.timeline.length === length && length > 1) seen.joined++;
          expect(page.display).toEqual(model.display);
          expect(canUndo(page.history)).toBe(model.cursor > 0);
          expect(canRedo(page.history)).toBe(model.cursor < model.timeline.length - 1);
        }
      }),
      settings,
    );
    expect(seen.joined).toBeGreaterThan(settings.numRuns / 10);
    expect(seen.redone).toBeGreaterThan(settings.numRuns / 10);
  },
  5_000 * times,
);
