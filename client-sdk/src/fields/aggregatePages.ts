import type { CommandOutcome } from '../../protocol/outcome.ts';
import type { ClientContext } from '../clientContext.ts';
import type { StorageChange, StoredAggregate, StoredState } from '../storage/storedRecords.ts';
import type { TabMessage } from '../storage/tabLink.ts';
import type { AggregateAddress } from './aggregateSubscription.ts';
import type { AwaitedCommand, Commands } from './commands.ts';
import type { Conflicts } from './conflicts.ts';

type Answered = { readonly key: string; readonly outcome: CommandOutcome };

/** What pages tell each other of an aggregate, but for its texts. */
export type AggregateMessage = Extract<TabMessage, { type: 'asked' | 'answered' | 'conflict-closed' }>;

export type AggregatePagesOptions = {
  readonly context: ClientContext;
  readonly address: AggregateAddress;
  readonly commands: Commands;
  readonly conflicts: Conflicts;
  /** The last known state, unless the server has said more by now. */
  readonly onState: (state: StoredState['state'] | undefined) => void;
  /** Everything that was kept is in its place; commands may be sent. */
  readonly onLoaded: () => void;
  /** Another page was answered. */
  readonly onAnswer: (command: AwaitedCommand, outcome: CommandOutcome) => void;
};

/** What one aggregate has from earlier pages and shares with other ones. */
export class AggregatePages {
  readonly #options: AggregatePagesOptions;
  readonly #whenLoaded: Promise<void>;
  #isLoaded: boolean;
  #isEnded = false;
  // For commands that are yet to be read from the device.
  #early: Answered[] = [];

  constructor(options: AggregatePagesOptions) {
    this.#options = options;
    this.#isLoaded = !options.context.storage;
    this.#whenLoaded = this.#load();
  }

  get isLoaded(): boolean {
    return this.#isLoaded;
  }

  receive(message: AggregateMessage): void {
    const { commands, conflicts } = this.#options;
    switch (message.type) {
      case 'asked':
        commands.restore([message.command], 'behind');
        if (message.command.resolves !== undefined) conflicts.decide(message.command.resolves);
        return;
      case 'answered':
        return this.#receiveAnswer(message);
      case 'conflict-closed':
        return conflicts.remove(message.id);
    }
  }

  /** Goes on with the commands of a page that is gone. Resolves to the other pages that have taken over some. */
  async adopt(gone: string): Promise<readonly string[]> {
    const { commands } = this.#options;
    await this.#whenLoaded;
    if (!commands.hasAnyOf(gone)) return [];
    const stored = await this.#read();
    if (this.#isEnded || !stored) return [];
    commands.adopt(gone, stored.commands);
    return stored.commands.map(({ tab }) => tab);
  }

  /** Other pages are told when it is written: what they read from then on must not say anything else. */
  async write(changes: readonly StorageChange[], message: AggregateMessage): Promise<void> {
    const { storage } = this.#options.context;
    if (!storage) return;
    storage.write(...changes);
    await (await storage.whenOpen).flush();
    storage.post(message);
  }

  /** Idempotent. */
  end(): void {
    this.#isEnded = true;
  }

  async #load(): Promise<void> {
    const stored = await this.#read();
    if (this.#isEnded || !stored) return;
    const { commands, conflicts, onState, onLoaded } = this.#options;
    onState(stored.state);
    commands.restore(stored.commands, 'before');
    for (const { conflict, write } of stored.conflicts) conflicts.add(write, conflict);
    for (const { resolves } of commands.unanswered) if (resolves !== undefined) conflicts.decide(resolves);
    this.#isLoaded = true;
    for (const early of this.#early) this.#receiveAnswer(early);
    this.#early = [];
    onLoaded();
  }

  async #read(): Promise<StoredAggregate | undefined> {
    const { context, address } = this.#options;
    const open = await context.storage?.whenOpen;
    return open?.readAggregate(address);
  }

  /** What has to be written was written by the page that was answered. */
  #receiveAnswer({ key, outcome }: Answered): void {
    const { commands, onAnswer } = this.#options;
    if (!this.#isLoaded) this.#early.push({ key, outcome });
    const command = commands.find(key, 'elsewhere');
    if (command) onAnswer(command, outcome);
  }
}
