import type { AggregateDefinition } from '../../protocol/aggregateDefinition.ts';
import type { FieldValues } from '../../protocol/outcome.ts';
import type { ClientContext } from '../clientContext.ts';
import { MAX_ANSWERS_BY_DEFAULT } from '../conflictDefaults/decideByDefaults.ts';
import type { ChangeResult, OpenConflict, SettledResult } from './changeResult.ts';
import type { AwaitedCommand } from './commands.ts';
import type { Conflicts, Resolution } from './conflicts.ts';
import type { HandleState } from './handleState.ts';
import type { Writer } from './writer.ts';

type Conflict = OpenConflict<AggregateDefinition>;
type Result = ChangeResult<AggregateDefinition, FieldValues, unknown>;
type Settled = SettledResult<AggregateDefinition>;

export type ResolutionsOptions = {
  readonly context: ClientContext;
  readonly aggregate: string;
  readonly conflicts: Conflicts;
  readonly writer: Writer;
  readonly unanswered: () => readonly AwaitedCommand[];
  /** What is on display. */
  readonly state: () => HandleState<AggregateDefinition>;
  /** Nothing is asked for: what is stored stays. */
  readonly giveUp: (keys: readonly string[]) => void;
};

/** Carries out the answers to conflicts: a person's, or those that the application has for everybody. */
export class Resolutions {
  readonly #options: ResolutionsOptions;
  // Each is asked about once; a conflict that has grown is another one.
  readonly #asked = new WeakSet<Conflict>();

  constructor(options: ResolutionsOptions) {
    this.#options = options;
  }

  /** `automatic`: how many answers before this one were the application's, in a row. */
  async resolve(resolution: Resolution, automatic = 0): Promise<Result> {
    const { writer, giveUp, state } = this.#options;
    const { keys, write, choice } = resolution;
    if (choice !== 'theirs') return writer.resolve(resolution, { resolves: keys, automatic });
    giveUp(keys);
    const shown = state();
    const fields = shown.status === 'existing' ? shown.fields : {};
    return { outcome: 'accepted', changed: [], fields, token: write.token };
  }

  /** Tells whoever asked what became of it; where that is a conflict, after the application's own answer to it. */
  answer({ answer, automatic }: AwaitedCommand, result: Settled): void {
    const decided =
      result.outcome === 'conflict' ? this.#decideByDefault(result.conflict, automatic) : undefined;
    if (decided) void decided.then(answer.settle);
    else answer.settle(result);
    // What was left to a command that has decided nothing.
    this.decideByDefault();
  }

  /** Answers what the application answers for everybody, of which nobody else is told. */
  decideByDefault(): void {
    for (const conflict of this.#options.conflicts.open) void this.#decideByDefault(conflict, 0);
  }

  /** What becomes of the application's own answer; undefined where it has none. */
  #decideByDefault(conflict: Conflict, automatic: number): Promise<Settled> | undefined {
    const { context, aggregate, conflicts } = this.#options;
    const origin = conflicts.originOf(conflict);
    if (!origin || this.#asked.has(conflict) || this.#isLeftToOthers(conflict)) return undefined;
    this.#asked.add(conflict);
    if (automatic >= MAX_ANSWERS_BY_DEFAULT) return undefined;
    const { command, fields } = conflict;
    const choice = context.decideByDefault(aggregate, { command, fields, asked: origin.write.values });
    return choice && this.#settle({ conflict, ...origin, choice, isByDefault: true }, automatic + 1);
  }

  /** The last of several changes of a field decides for all: their conflicts are one by then. */
  #isLeftToOthers({ command, fields }: Conflict): boolean {
    const goesOn = ({ values }: AwaitedCommand) => fields.some(({ field }) => Object.hasOwn(values, field));
    return command === undefined && this.#options.unanswered().some(goesOn);
  }

  async #settle(resolution: Resolution, automatic: number): Promise<Settled> {
    try {
      const result = await this.resolve(resolution, automatic);
      return await (result.outcome === 'queued' ? result.settled : result);
    } catch (error) {
      // Its value is none that can be sent.
      this.#options.context.report({ kind: 'listener-failed', error });
      return { outcome: 'conflict', conflict: resolution.conflict };
    }
  }
}
