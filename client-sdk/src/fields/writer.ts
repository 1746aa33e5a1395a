import type { AggregateDefinition } from '../../protocol/aggregateDefinition.ts';
import type { FieldValues } from '../../protocol/outcome.ts';
import type { ClientContext } from '../clientContext.ts';
import type { ChangeResult } from './changeResult.ts';
import { checkLocally } from './checkLocally.ts';
import type { CommandOrigin } from './commands.ts';
import type { Resolution } from './conflicts.ts';
import { createForesee, type Foresee } from './foresee.ts';
import type { HandleState } from './handleState.ts';
import {
  prepareChange,
  prepareCreate,
  type PreparedCommand,
  prepareDelete,
  toWriterView,
} from './prepareCommand.ts';
import { type Invocation, prepareInvoke } from './prepareInvoke.ts';
import { prepareResolution } from './prepareResolution.ts';
import { refuseUnseen } from './refuseUnseen.ts';

type State = HandleState<AggregateDefinition>;
type Result = ChangeResult<AggregateDefinition, FieldValues, unknown>;

export type WriterOptions = {
  readonly definition: AggregateDefinition;
  readonly id: string;
  readonly context: ClientContext;
  /** What is on display. */
  readonly state: () => State;
  readonly submit: (prepared: PreparedCommand, origin?: CommandOrigin) => Promise<Result>;
};

/** Turns what an author asks for into commands, by what the author saw, and refuses what cannot be right. */
export class Writer {
  readonly #options: WriterOptions;
  readonly #foresee: Foresee;

  constructor(options: WriterOptions) {
    this.#options = options;
    this.#foresee = createForesee(options.definition, options.id, options.context);
  }

  create(fields: FieldValues): Promise<Result> {
    return this.#options.submit(this.#check(prepareCreate(this.#options.definition, fields), {}));
  }

  change(patch: FieldValues, seen: State = this.#options.state()): Promise<Result> {
    const view = toWriterView(seen);
    const prepared = refuseUnseen(seen) ?? prepareChange(this.#options.definition, patch, view);
    return this.#options.submit(this.#check(prepared, this.#shown), { isUndoable: true });
  }

  /** Gives fields back the values of `patch`, judged by those of `seen`, which it takes back. */
  takeBack(patch: FieldValues, seen: FieldValues): Promise<Result> {
    const view = toWriterView(this.#options.state());
    const judged = { ...view, fields: { ...view.fields, ...seen } };
    return this.#options.submit(prepareChange(this.#options.definition, patch, judged));
  }

  delete(seen: State = this.#options.state()): Promise<Result> {
    return this.#options.submit(
      refuseUnseen(seen) ?? prepareDelete(this.#options.definition, toWriterView(seen)),
    );
  }

  /** @throws TypeError where there is no such command, or its input is not JSON. */
  run(invocation: Invocation, seen: State = this.#options.state()): Promise<Result> {
    const options = { view: toWriterView(seen), shown: this.#shown, foresee: this.#foresee };
    return this.#options.submit(
      refuseUnseen(seen) ?? prepareInvoke(this.#options.definition, invocation, options),
    );
  }

  /** Answers a conflict with anything but `theirs`. */
  resolve(resolution: Resolution, origin: CommandOrigin): Promise<Result> {
    const options = { shown: this.#shown ?? {}, foresee: this.#foresee };
    return this.#options.submit(prepareResolution(this.#options.definition, resolution, options), origin);
  }

  /** The fields on display. */
  get #shown(): Readonly<FieldValues> | undefined {
    return toWriterView(this.#options.state()).fields;
  }

  #check(prepared: PreparedCommand, shown: Readonly<FieldValues> | undefined): PreparedCommand {
    if (prepared.outcome === 'rejected' || !shown) return prepared;
    const { definition, context } = this.#options;
    return checkLocally(definition, { shown, values: prepared.values }, context.report) ?? prepared;
  }
}
