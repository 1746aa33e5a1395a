import { uuidv4 } from 'lib0/random';
import type { AggregateDefinition } from '../protocol/aggregateDefinition.ts';
import type { ClientContext } from './clientContext.ts';
import type { ClientOptions } from './clientOptions.ts';
import { decideByDefaults } from './conflictDefaults/decideByDefaults.ts';
import type { AnyResolvers } from './conflictDefaults/resolvers.ts';
import { Channels } from './connection/channels.ts';
import { systemClock } from './connection/clock.ts';
import { Connection } from './connection/connection.ts';
import { toSessionUrl } from './connection/toSessionUrl.ts';
import { watchNetwork } from './connection/watchNetwork.ts';
import { SendWindow } from './fields/sendWindow.ts';
import { createReport } from './lifecycle/clientReport.ts';
import type { LateOutcome } from './lateOutcome.ts';
import { trackOwnCommands } from './storage/ownCommands.ts';
import { openStorage } from './storage/storageAccess.ts';

type Options = Omit<ClientOptions<readonly AggregateDefinition[]>, 'resolvers'> & {
  readonly resolvers: Readonly<Record<string, AnyResolvers | undefined>> | undefined;
};

/** Makes everything that a client's parts share; the connection is not started. `countPending`: what waits to be sent. */
export function createContext(options: Options, countPending: () => number): ClientContext {
  const { token, clock = systemClock, random = Math.random, resolvers = {}, onOutcome } = options;
  const report = createReport(options.onReport);
  const opening = options.storage && openStorage(options.storage, uuidv4(), report);
  const own = trackOwnCommands(opening, uuidv4);
  const { storage } = own;
  const connection: Connection = new Connection({
    url: toSessionUrl(options.url),
    readToken: typeof token === 'function' ? token : () => token,
    createSocket: options.createSocket ?? ((url) => new WebSocket(url)),
    admit: ({ id }) => {
      const claimed = storage?.opened?.owner ?? storage?.opened?.claim(id);
      return claimed instanceof Promise ? claimed.then((owner) => judge(owner, id)) : judge(claimed, id);
    },
    watchNetwork,
    clock,
    random,
    report,
  });

  let isDisowned = false;

  /** Says why not, where somebody else's commands would go out as this person's. */
  function judge(owner: string | undefined, id: string): string | undefined {
    if (owner !== undefined && owner !== id) {
      const detail = `what is kept here is ${owner}’s, and not ${id}’s`;
      isDisowned = true;
      own.disown(detail);
      return detail;
    }
    const pending = countPending() > 0 ? connection.knownUser?.id : undefined;
    if (pending !== undefined && pending !== id) return `what waits here is to be sent by ${pending}`;
    if (isDisowned && !own.isEmpty()) return `what waits here is to be sent by somebody else than ${id}`;
    own.acknowledge();
    return undefined;
  }

  function tell(outcome: LateOutcome): void {
    if (onOutcome) return onOutcome(outcome);
    if (outcome.outcome.outcome !== 'rejected') return;
    report({ kind: 'command-rejected', detail: outcome.outcome.detail, outcome });
  }

  let order = 0;
  return {
    connection,
    channels: new Channels(connection, report),
    clock,
    random,
    createKey: own.createKey,
    nextOrder: () => (order = Math.max(order + 1, clock.now() * ORDERS_PER_MILLISECOND)),
    noteOrder: (noted) => {
      order = Math.max(order, noted);
    },
    sending: new SendWindow(),
    report,
    storage,
    tellLate: ({ key, aggregate, id, command, values, outcome }) => {
      try {
        tell({ key, aggregate, id, command, values, outcome });
        storage?.write({ type: 'remove-outcome', key });
      } catch (error) {
        report({ kind: 'listener-failed', error });
      }
    },
    decideByDefault: (aggregate, conflict) => {
      const own = Object.hasOwn(resolvers, aggregate) ? resolvers[aggregate] : undefined;
      return own && decideByDefaults(own, conflict, (error) => report({ kind: 'listener-failed', error }));
    },
  };
}

// Times this is still a safe integer for the next hundred thousand years.
const ORDERS_PER_MILLISECOND = 1_000;
