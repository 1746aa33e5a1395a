import type { ClientContext } from './clientContext.ts';
import type { AggregateAddress } from './fields/aggregateSubscription.ts';
import type { AggregateRegistry } from './fields/aggregateRegistry.ts';
import type { AggregateDefinition } from '../protocol/aggregateDefinition.ts';
import type { OpenStorage } from './storage/clientStorage.ts';
import type { AddressedMessage, TabMessage } from './storage/tabLink.ts';
import { toRescuedField } from './text/keptRescue.ts';

export type SharedPagesOptions = {
  readonly context: ClientContext;
  readonly aggregates: AggregateRegistry;
  readonly definitions: ReadonlyMap<string, AggregateDefinition>;
};

export type SharedPages = {
  /** Takes over when one of these pages is gone. */
  watch(tabs: readonly string[]): void;
  leave(): void;
  /** Resolves when everything that earlier pages have left counts as unsaved. */
  readonly whenRead: Promise<unknown>;
};

/**
 * Goes on where earlier pages of this storage ended, and together with those that share it now: each page shows the
 * commands of all, sends its own, and those of a page that is gone. Whoever joins leaves.
 */
export function joinPages(open: OpenStorage, options: SharedPagesOptions): SharedPages {
  const { aggregates, definitions } = options;
  const { tabs } = open;
  const { storage, tellLate } = options.context;
  const own = storage?.tab ?? '';
  const watched = new Map<string, () => void>();
  let isEnded = false;
  const stopListening = tabs.listen(receive);

  function receive(message: TabMessage): void {
    if (message.type === 'joined' || message.type === 'present') {
      watch(message.tab);
      if (message.type === 'joined') tabs.post({ type: 'present', tab: own });
    } else if (message.type === 'asked') {
      watch(message.command.tab);
      aggregates.resume(message.command)?.receiveFromTab(message);
    } else {
      aggregates.find(addressOf(message))?.receiveFromTab(message);
    }
  }

  function watch(tab: string): void {
    if (isEnded || tab === own || watched.has(tab)) return;
    watched.set(
      tab,
      tabs.whenGone(tab, () => void takeOver(tab)),
    );
  }

  async function takeOver(tab: string): Promise<void> {
    const adopted = await open.adopt(tab);
    watched.delete(tab);
    const conflicts: AggregateAddress[] = [];
    for await (const piece of open.readConflicts()) conflicts.push(...piece);
    if (!isEnded) aggregates.adopt(tab, adopted, conflicts);
    await readTexts();
  }

  async function readCommands(): Promise<void> {
    for await (const commands of open.readCommands()) {
      if (isEnded) return;
      for (const command of commands) {
        aggregates.resume(command);
        watch(command.tab);
      }
    }
  }

  async function readConflicts(): Promise<void> {
    for await (const conflicts of open.readConflicts()) {
      if (isEnded) return;
      for (const conflict of conflicts) aggregates.resume(conflict);
    }
  }

  async function readTexts(): Promise<void> {
    for (const { field, ...address } of await open.readUnsavedTexts()) {
      const rescued = toRescuedField(field);
      const left = { field: rescued ?? field, isRescue: rescued !== undefined };
      const kind = definitions.get(address.aggregate)?.text[left.field]?.kind;
      if (kind && !isEnded) aggregates.resume(address)?.resumeText({ ...left, kind });
    }
  }

  async function readOutcomes(): Promise<void> {
    for (const outcome of await open.readOutcomes()) if (!isEnded) tellLate(outcome);
  }

  tabs.post({ type: 'joined', tab: own });
  void readOutcomes();
  const whenRead = Promise.all([readCommands(), readConflicts(), readTexts()]);

  return {
    whenRead,
    watch: (tabs) => {
      for (const tab of tabs) watch(tab);
    },
    leave: () => {
      isEnded = true;
      stopListening();
      for (const stop of watched.values()) stop();
    },
  };
}

function addressOf(message: Exclude<AddressedMessage, { type: 'asked' }>): AggregateAddress {
  return 'target' in message ? message.target : message.address;
}
