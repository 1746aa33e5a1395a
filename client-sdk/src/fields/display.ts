import type { AggregateDefinition } from '../../protocol/aggregateDefinition.ts';
import { isEqual } from '../../protocol/isEqual.ts';
import type { ClientContext } from '../clientContext.ts';
import { type SaveCounts, toSaveState, toStanding } from '../saveCounts.ts';
import type { Author } from './author.ts';
import type { QueuedCommand } from './commandQueue.ts';
import type { Commands } from './commands.ts';
import type { ConfirmedState } from './confirmedState.ts';
import type { Conflicts } from './conflicts.ts';
import type { FollowedState } from './followedState.ts';
import type { HandleState } from './handleState.ts';
import { layOver, type Overlay, toOverlay } from './overlay.ts';
import { toHandleState } from './toHandleState.ts';

type State = HandleState<AggregateDefinition>;

/** Commands from which on changes are told once a frame: each answer would have the page drawn anew. */
const MANY_COMMANDS = 64;
const FRAME_MS = 16;

export type DisplayOptions = {
  readonly context: ClientContext;
  readonly commands: Commands;
  readonly followed: FollowedState;
  readonly conflicts: Conflicts;
  /** Whose actions may be taken back. */
  readonly author: () => Author;
  readonly saveCounts: () => SaveCounts;
};

/** What is shown of one aggregate, put together when somebody looks. */
export class Display {
  readonly #options: DisplayOptions;
  /** Who is told of changes. */
  observer: (() => void) | undefined;
  #state: State | undefined;
  #isStale = true;
  #overlay: Overlay = { status: 'loading' };
  // What the overlay was made of.
  #confirmed: ConfirmedState | undefined;
  #queue: readonly QueuedCommand[] = [];
  #cancelFrame: (() => void) | undefined;

  constructor(options: DisplayOptions) {
    this.#options = options;
  }

  /** The same object until something changes. */
  get state(): State {
    if (this.#state && !this.#isStale) return this.#state;
    const next = this.#toState();
    this.#isStale = false;
    if (this.#state && isEqual(next, this.#state)) return this.#state;
    return (this.#state = next);
  }

  get overlay(): Overlay {
    const { commands, followed } = this.#options;
    const { queue } = commands;
    const { confirmed } = followed;
    if (confirmed === this.#confirmed && isAppended(this.#queue, queue)) {
      this.#overlay = layOver(this.#overlay, queue.slice(-1));
    } else if (confirmed !== this.#confirmed || queue !== this.#queue) {
      this.#overlay = toOverlay(confirmed, queue);
    }
    this.#confirmed = confirmed;
    this.#queue = queue;
    return this.#overlay;
  }

  /** Something may have changed. Tells the observer, at once or with the next frame. */
  commit(): void {
    const { context, commands } = this.#options;
    const before = this.#state;
    this.#isStale = true;
    if (!this.observer) return;
    if (commands.queue.length < MANY_COMMANDS) return this.#tell(before);
    this.#cancelFrame ??= context.clock.after(FRAME_MS, () => {
      this.#cancelFrame = undefined;
      this.observer?.();
    });
  }

  /** Idempotent. */
  end(): void {
    this.observer = undefined;
    this.#cancelFrame?.();
    this.#cancelFrame = undefined;
  }

  #tell(before: State | undefined): void {
    if (this.state !== before) this.observer?.();
  }

  #toState(): State {
    const { context, conflicts, followed, author, saveCounts } = this.#options;
    const { canUndo, canRedo } = author().actions;
    const common = {
      conflicts: conflicts.open,
      saveState: toSaveState(saveCounts(), toStanding(context.connection)),
      freshness: followed.isLive ? ('live' as const) : ('cached' as const),
      canUndo,
      canRedo,
    };
    return toHandleState({ confirmed: followed.confirmed, overlay: this.overlay, common }, this.#state);
  }
}

/** Whether one command was put behind, and nothing else has changed. */
function isAppended(before: readonly QueuedCommand[], after: readonly QueuedCommand[]): boolean {
  return after.length === before.length + 1 && before.every((entry, index) => entry === after[index]);
}
