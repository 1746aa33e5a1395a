import type { CommandOutcome } from '../../protocol/outcome.ts';
import type { ClientContext } from '../clientContext.ts';
import type { StorageChange, StoredAggregate, StoredCommand, StoredState } from '../storage/storedRecords.ts';
import type { TabMessage } from '../storage/tabLink.ts';
import type { AggregateAddress } from './aggregateSubscription.ts';
import type { AwaitedCommand, Commands } from './commands.ts';
import type { Conflicts } from './conflicts.ts';

type Answered = { readonly key: string; readonly outcome: CommandOutcome };

/** What pages tell each other of an aggregate, but for its texts. */
export type AggregateMessage = Extract<TabMessage, { type: 'asked' | 'answered' | 'conflict-closed' }>;

/** What a page that is gone has left of an aggregate. */
export type Legacy = {
  /** Those of its commands that the device gave to this page. */
  readonly commands: readonly StoredCommand[];
  /** Whether the device has conflicts, of whichever page. */
  readonly hasConflicts: boolean;
};

export type AggregatePagesOptions = {
  readonly context: ClientContext;
  readonly address: AggregateAddress;
  readonly commands: Commands;
  readonly conflicts: Conflicts;
  /** The last known state, unless the server has said more by now. */
  readonly onState: (state: StoredState['state'] | undefined) => void;
  /** Pages that have commands to send: they are to be watched. */
  readonly onPages: (tabs: readonly string[]) => void;
  /** Everything that is kept is in its place; commands may be sent. */
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
  // While something is read that may still have them.
  readonly #answered = new Set<Set<string>>();
  #told = Promise.resolve();

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

  /** Goes on where a page ended, which may have written what it could not tell any more. */
  async adopt(gone: string, { commands: given, hasConflicts }: Legacy): Promise<void> {
    const { commands } = this.#options;
    const answered = new Set<string>();
    this.#answered.add(answered);
    await this.#whenLoaded;
    const stored = this.#knowsAll(gone, given, hasConflicts)
      ? { commands: given, conflicts: [] }
      : await this.#readAgain(gone);
    this.#answered.delete(answered);
    if (this.#isEnded || !stored) return;
    const left = stored.commands.filter(({ key }) => !answered.has(key));
    commands.restore(left);
    this.#take({ ...stored, commands: left });
    // The page that is gone may have told nobody of them yet.
    const unanswered = new Set(commands.unanswered.map(({ key }) => key));
    for (const command of given.filter(({ key }) => unanswered.has(key))) {
      void this.write([], { type: 'asked', command });
    }
  }

  /** Whether the device has nothing more to say, as of most aggregates, of which there may be hundreds. */
  #knowsAll(gone: string, given: readonly StoredCommand[], hasConflicts: boolean): boolean {
    const { commands, conflicts } = this.#options;
    if (hasConflicts || conflicts.keys.length > 0) return false;
    const known = new Set(commands.queue.map(({ key }) => key));
    const keys = new Set(given.map(({ key }) => key));
    // One that is not known may be answered by now, where this page has read that it is to send it before it was told so.
    return given.every(({ key }) => known.has(key)) && commands.of(gone).every(({ key }) => keys.has(key));
  }

  /** What the device does not have any more is over: it was answered, or given up. */
  async #readAgain(gone: string): Promise<StoredAggregate | undefined> {
    const { commands, conflicts } = this.#options;
    const known = conflicts.keys;
    const stored = await this.#read();
    if (this.#isEnded || !stored) return undefined;
    const left = new Set(stored.conflicts.map(({ conflict }) => conflict));
    conflicts.remove(known.filter((key) => !left.has(key)));
    const kept = new Set(stored.commands.map(({ key }) => key));
    for (const { key, resolves = [] } of commands.of(gone).filter((command) => !kept.has(command.key))) {
      commands.remove(key);
      conflicts.reopen(resolves);
    }
    return stored;
  }

  /** What is being read may still say otherwise. */
  noteAnswered(key: string): void {
    for (const answered of this.#answered) answered.add(key);
  }

  /**
   * Other pages are told when it is written: what they read from then on must not say anything else. They hear of
   * everything in the order in which it happened.
   */
  write(changes: readonly StorageChange[], message: AggregateMessage): Promise<void> {
    const { storage } = this.#options.context;
    if (!storage) return this.#told;
    storage.write(...changes);
    this.#told = this.#told.then(async () => {
      await (await storage.whenOpen).flush();
      storage.post(message);
    });
    return this.#told;
  }

  /** Idempotent. */
  end(): void {
    this.#isEnded = true;
  }

  async #load(): Promise<void> {
    const stored = await this.#read();
    if (this.#isEnded || !stored) return;
    const { commands, onState } = this.#options;
    onState(stored.state);
    commands.restore(stored.commands);
    this.#isLoaded = true;
    commands.announce();
    this.#take(stored);
  }

  /** Everything that follows from what is kept, once its commands are in the queue. */
  #take(stored: Omit<StoredAggregate, 'state'>): void {
    const { commands, conflicts, onPages, onLoaded } = this.#options;
    for (const { write, order } of stored.conflicts) conflicts.add(write, order);
    for (const { resolves } of commands.unanswered) if (resolves !== undefined) conflicts.decide(resolves);
    for (const early of this.#early) this.#receiveAnswer(early);
    this.#early = [];
    onLoaded();
    onPages(stored.commands.map(({ tab }) => tab));
  }

  async #read(): Promise<StoredAggregate | undefined> {
    const { context, address } = this.#options;
    const { storage } = context;
    // At once where it is open: what is written in the same moment need not be on the device first.
    const open = storage?.opened ?? (await storage?.whenOpen);
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
