import type { ClientContext } from './clientContext.ts';
import type { AggregateAddress } from './fields/aggregateSubscription.ts';
import type { AggregateRegistry } from './fields/aggregateRegistry.ts';
import type { AggregateDefinition } from '../protocol/aggregateDefinition.ts';
import type { OpenStorage } from './storage/clientStorage.ts';
import type { TabMessage } from './storage/tabLink.ts';

export type SharedPagesOptions = {
  readonly context: ClientContext;
  readonly aggregates: AggregateRegistry;
  readonly definitions: ReadonlyMap<string, AggregateDefinition>;
};

/**
 * Goes on where earlier pages of this storage ended, and together with those that share it now: each page shows the
 * commands of all, sends its own, and those of a page that is gone. Returns what ends it.
 */
export function joinPages(open: OpenStorage, options: SharedPagesOptions): () => void {
  const { aggregates, definitions } = options;
  const { tabs } = open;
  const { storage, tellLate } = options.context;
  const watched = new Map<string, () => void>();
  let isEnded = false;
  const stopListening = tabs.listen(receive);

  function receive(message: TabMessage): void {
    if (message.type === 'asked') {
      const { tab } = message.command;
      aggregates.resume(message.command)?.receiveFromTab(message);
      watch(tab);
      return;
    }
    aggregates.find(addressOf(message))?.receiveFromTab(message);
  }

  function watch(tab: string): void {
    if (isEnded || tab === storage?.tab || watched.has(tab)) return;
    watched.set(
      tab,
      tabs.whenGone(tab, () => void takeOver(tab)),
    );
  }

  async function takeOver(tab: string): Promise<void> {
    const adopted = await open.adopt(tab);
    if (isEnded) return;
    watched.delete(tab);
    for (const command of adopted) aggregates.resume(command);
    // Also those that another page took over are followed there.
    for (const keeper of await aggregates.adopt(tab)) watch(keeper);
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
      const kind = definitions.get(address.aggregate)?.text[field]?.kind;
      if (kind && !isEnded) aggregates.resume(address)?.resumeText({ field, kind });
    }
  }

  async function readOutcomes(): Promise<void> {
    for (const outcome of await open.readOutcomes()) if (!isEnded) tellLate(outcome);
  }

  void readOutcomes();
  void readCommands();
  void readConflicts();
  void readTexts();

  return () => {
    isEnded = true;
    stopListening();
    for (const stop of watched.values()) stop();
  };
}

function addressOf(message: Exclude<TabMessage, { type: 'asked' }>): AggregateAddress {
  return 'target' in message ? message.target : message.address;
}
