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
  /** Pages that have commands to send: they are to be watched. */
  readonly onPages: (tabs: readonly string[]) => void;
  /** Everything that was kept is in its place; commands may be sent. */
  readonly onLoaded: () => void;
  /** There may be others. */
  readonly onConflicts: () => void;
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
  // While something is read that may still have them.
  readonly #answered = new Set<Set<string>>();

  constructor(options: AggregatePagesOptions) {
    this.#options = options;
    this.#isLoaded = !options.context.storage;
    this.#whenLoaded = this.#load();
  }

  /** Resolves when everything that was kept is in its place. */
  get whenLoaded(): Promise<void> {
    return this.#whenLoaded;
  }

  get isLoaded(): boolean {
    return this.#isLoaded;
  }

  receive(message: AggregateMessage): void {
    const { commands, conflicts } = this.#options;
    switch (message.type) {
      case 'asked':
        commands.restore([message.command]);
        if (message.command.resolves !== undefined) conflicts.decide(message.command.resolves);
        return;
      case 'answered':
        return this.#receiveAnswer(message);
      case 'conflict-closed':
        return conflicts.remove(message.keys);
    }
  }

  /** Goes on with the commands of a page that is gone; `isAdopted`: the device gave some to this page. */
  async adopt(gone: string, isAdopted: boolean): Promise<void> {
    const { commands, conflicts, onPages } = this.#options;
    await this.#whenLoaded;
    if (!commands.hasAnyOf(gone) && !isAdopted) return;
    const answered = new Set<string>();
    this.#answered.add(answered);
    const stored = await this.#read();
    this.#answered.delete(answered);
    if (this.#isEnded || !stored) return;
    const left = stored.commands.filter(({ key }) => !answered.has(key));
    // Answered, though its page could not say so any more.
    for (const { conflict, write, order } of stored.conflicts) {
      if (!commands.find(conflict, 'elsewhere')) continue;
      commands.remove(conflict);
      conflicts.add(write, order);
    }
    commands.adopt(gone, left);
    onPages(left.map(({ tab }) => tab));
  }

  /** What is being read may still say otherwise. */
  noteAnswered(key: string): void {
    for (const answered of this.#answered) answered.add(key);
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
    const { commands, conflicts, onState, onPages, onLoaded } = this.#options;
    onState(stored.state);
    commands.restore(stored.commands);
    for (const { write, order } of stored.conflicts) conflicts.add(write, order);
    for (const { resolves } of commands.unanswered) if (resolves !== undefined) conflicts.decide(resolves);
    this.#isLoaded = true;
    commands.announce();
    for (const early of this.#early) this.#receiveAnswer(early);
    this.#early = [];
    onLoaded();
    onPages(stored.commands.map(({ tab }) => tab));
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
    // It was asked for before this page listened, and written after it had read.
    else if ('conflicts' in outcome) void this.#readConflicts();
  }

  async #readConflicts(): Promise<void> {
    const stored = await this.#read();
    if (this.#isEnded || !stored) return;
    const { conflicts, onConflicts } = this.#options;
    for (const { write, order } of stored.conflicts) conflicts.add(write, order);
    onConflicts();
  }
}
