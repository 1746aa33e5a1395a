import type { AggregateDefinition } from '../../protocol/aggregateDefinition.ts';
import { isAggregateId } from '../../protocol/aggregateId.ts';
import type { ClientContext } from '../clientContext.ts';
import type { Reach } from '../connection/connectionState.ts';
import { addCounts, NOTHING_UNSAVED, type SaveCounts } from '../saveCounts.ts';
import { AggregateCore } from './aggregateCore.ts';
import type { AggregateHandle } from './aggregateHandle.ts';
import type { AggregateAddress } from './aggregateSubscription.ts';
import { createAggregateHandle } from './createAggregateHandle.ts';
import type { PendingAggregate } from '../list/pendingAggregates.ts';
import type { StoredCommand } from '../storage/storedRecords.ts';

type Handle = AggregateHandle<AggregateDefinition>;
/** The handle is gone once it is closed; the core goes when nothing waits for it any more. */
type Entry = {
  readonly core: AggregateCore;
  handle: Handle | undefined;
  counts: SaveCounts;
  queue: AggregateCore['queue'];
};

export type AggregateRegistryOptions = {
  readonly context: ClientContext;
  readonly definitions: ReadonlyMap<string, AggregateDefinition>;
  /** What an aggregate shows, or what is not saved of it, may have changed. */
  readonly onChange: () => void;
  /** Pages that have commands to send: they are to be watched. */
  readonly onPages: (tabs: readonly string[]) => void;
  /** What an aggregate shows while commands are on their way has changed. */
  readonly onPending: () => void;
};

/** Every aggregate that a client has open or still sends for. */
export class AggregateRegistry {
  readonly #options: AggregateRegistryOptions;
  readonly #entries = new Map<string, Entry>();
  // By type and id: few of all that are open. Laid over when somebody asks.
  readonly #pending = new Map<string, Map<string, AggregateCore>>();
  #counts = NOTHING_UNSAVED;

  constructor(options: AggregateRegistryOptions) {
    this.#options = options;
  }

  /** What is not saved of any of them. */
  get saveCounts(): SaveCounts {
    return this.#counts;
  }

  /** @throws TypeError where no aggregate can have the id. */
  open(definition: AggregateDefinition, id: string): Handle {
    if (!isAggregateId(id)) throw new TypeError(`no ${definition.name} can have the id '${id}'`);
    const entry = this.#entries.get(toKey({ aggregate: definition.name, id })) ?? this.#add(definition, id);
    entry.handle ??= createAggregateHandle({
      definition,
      id,
      core: entry.core,
      report: this.#options.context.report,
      onClose: () => {
        entry.handle = undefined;
      },
    });
    return entry.handle;
  }

  find(address: AggregateAddress): AggregateCore | undefined {
    return this.#entries.get(toKey(address))?.core;
  }

  /** The aggregate without a handle, for what an earlier page or another one wants of it; undefined for unknown types. */
  resume(address: AggregateAddress): AggregateCore | undefined {
    const { definitions, context } = this.#options;
    const definition = definitions.get(address.aggregate);
    if (definition) return this.find(address) ?? this.#add(definition, address.id).core;
    const detail = `what is kept of ${address.aggregate} ${address.id} stays: the client knows no such aggregate`;
    context.report({ kind: 'storage-failed', detail });
    return undefined;
  }

  /** What aggregates of a type show while commands are on their way. */
  listPending(aggregate: string): readonly PendingAggregate[] {
    const pending = this.#pending.get(aggregate) ?? [];
    return [...pending].map(([id, { overlay, saveCounts }]) => ({
      id,
      overlay,
      conflicts: saveCounts.conflicts,
    }));
  }

  /** Resolves when what the device has of those that are open is in its place. */
  async whenLoaded(): Promise<void> {
    await Promise.all([...this.#entries.values()].map(({ core }) => core.whenLoaded));
  }

  onReach(reach: Reach): void {
    for (const { core } of [...this.#entries.values()]) core.onReach(reach);
  }

  /** Something that everything depends on has changed. */
  reconsider(): void {
    for (const { core } of [...this.#entries.values()]) core.commit();
  }

  /** Goes on where a page ended: with the commands that the device gave to this page, and with all `conflicts` that it has. */
  adopt(gone: string, adopted: readonly StoredCommand[], conflicts: readonly AggregateAddress[]): void {
    for (const address of [...adopted, ...conflicts]) this.resume(address);
    const own = Map.groupBy(adopted, toKey);
    const inConflict = new Set(conflicts.map(toKey));
    for (const [key, { core }] of [...this.#entries]) {
      void core.adopt(gone, { commands: own.get(key) ?? [], hasConflicts: inConflict.has(key) });
    }
  }

  /** Closes every handle, and rejects what is not answered. */
  close(): void {
    for (const { core, handle } of [...this.#entries.values()]) {
      handle?.close();
      core.dispose();
    }
    this.#entries.clear();
  }

  #add(definition: AggregateDefinition, id: string): Entry {
    const key = toKey({ aggregate: definition.name, id });
    const core = new AggregateCore({
      definition,
      id,
      context: this.#options.context,
      onPages: this.#options.onPages,
      onChange: () => this.#note({ aggregate: definition.name, id }),
      onIdle: () => {
        this.#entries.delete(key);
        this.#pending.get(definition.name)?.delete(id);
        core.dispose();
      },
    });
    const entry: Entry = { core, handle: undefined, counts: NOTHING_UNSAVED, queue: core.queue };
    this.#entries.set(key, entry);
    return entry;
  }

  #note(address: AggregateAddress): void {
    const entry = this.#entries.get(toKey(address));
    if (!entry) return;
    const { queue, saveCounts: counts } = entry.core;
    const isSame = queue === entry.queue && counts.conflicts === entry.counts.conflicts;
    this.#counts = addCounts(addCounts(this.#counts, entry.counts, -1), counts);
    entry.counts = counts;
    entry.queue = queue;
    this.#options.onChange();
    if (!isSame) this.#notePending(address, entry);
  }

  #notePending({ aggregate, id }: AggregateAddress, entry: Entry): void {
    const pending = this.#pending.get(aggregate) ?? new Map<string, AggregateCore>();
    const isPending = entry.queue.length + entry.counts.conflicts > 0;
    if (isPending) this.#pending.set(aggregate, pending.set(id, entry.core));
    else pending.delete(id);
    this.#options.onPending();
  }
}

/** No id holds a slash. */
function toKey({ aggregate, id }: AggregateAddress): string {
  return `${aggregate}/${id}`;
}
