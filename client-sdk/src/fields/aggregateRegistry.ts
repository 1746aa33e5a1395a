import type { AggregateDefinition } from '../../protocol/aggregateDefinition.ts';
import { isAggregateId } from '../../protocol/aggregateId.ts';
import type { CommandOutcome } from '../../protocol/outcome.ts';
import type { ClientContext } from '../clientContext.ts';
import type { Reach } from '../connection/connectionState.ts';
import { AggregateCore } from './aggregateCore.ts';
import type { AggregateAddress } from './aggregateSubscription.ts';
import type { AggregateHandle } from './aggregateHandle.ts';
import { createAggregateHandle } from './createAggregateHandle.ts';

type Handle = AggregateHandle<AggregateDefinition>;
/** The handle is gone once it is closed; the core goes when nothing waits for it any more. */
type Entry = { readonly core: AggregateCore; handle: Handle | undefined };

/** Every aggregate that a client has open or still sends for. */
export class AggregateRegistry {
  readonly #context: ClientContext;
  readonly #entries = new Map<string, Entry>();

  constructor(context: ClientContext) {
    this.#context = context;
  }

  /** @throws TypeError where no aggregate can have the id. */
  open(definition: AggregateDefinition, id: string): Handle {
    if (!isAggregateId(id)) throw new TypeError(`no ${definition.name} can have the id '${id}'`);
    const entry = this.#entries.get(toKey({ aggregate: definition.name, id })) ?? this.#add(definition, id);
    entry.handle ??= createAggregateHandle({
      definition,
      id,
      core: entry.core,
      report: this.#context.report,
      onClose: () => {
        entry.handle = undefined;
      },
    });
    return entry.handle;
  }

  find(address: AggregateAddress): AggregateCore | undefined {
    return this.#entries.get(toKey(address))?.core;
  }

  onReach(reach: Reach): void {
    for (const { core } of [...this.#entries.values()]) core.onReach(reach);
  }

  /** Whether an aggregate waits for the outcome of this command. */
  receiveOutcome(key: string, outcome: CommandOutcome): boolean {
    return [...this.#entries.values()].some(({ core }) => core.receiveOutcome(key, outcome));
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
      context: this.#context,
      onIdle: () => {
        this.#entries.delete(key);
        core.dispose();
      },
    });
    const entry: Entry = { core, handle: undefined };
    this.#entries.set(key, entry);
    return entry;
  }
}

/** No id holds a slash. */
function toKey({ aggregate, id }: AggregateAddress): string {
  return `${aggregate}/${id}`;
}
