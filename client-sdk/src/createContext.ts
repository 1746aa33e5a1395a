import { uuidv4 } from 'lib0/random';
import type { AggregateDefinition } from '../protocol/aggregateDefinition.ts';
import type { ClientContext } from './clientContext.ts';
import { createAdmission } from './createAdmission.ts';
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
import { openStorage } from './storage/storageAccess.ts';

type Options = Omit<ClientOptions<readonly AggregateDefinition[]>, 'resolvers'> & {
  readonly resolvers: Readonly<Record<string, AnyResolvers | undefined>> | undefined;
};

/** Makes everything that a client's parts share; the connection is not started. `countPending`: what waits to be sent. */
export function createContext(options: Options, countPending: () => number): ClientContext {
  const { token, clock = systemClock, random = Math.random, resolvers = {}, onOutcome } = options;
  const report = createReport(options.onReport);
  const storage = options.storage && openStorage(options.storage, uuidv4(), report);
  const knownUser = () => connection.knownUser;
  const { admit, createKey } = createAdmission({ storage, knownUser, countPending, createKey: uuidv4 });
  const connection: Connection = new Connection({
    url: toSessionUrl(options.url),
    readToken: typeof token === 'function' ? token : () => token,
    createSocket: options.createSocket ?? ((url) => new WebSocket(url)),
    admit,
    watchNetwork,
    clock,
    random,
    report,
  });

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
    createKey,
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
