import type { CommandOutcome } from '@weft/client/protocol';
import { collectDefaultMetrics, Counter, Gauge, Registry } from 'prom-client';

export type Metrics = {
  readonly registry: Registry;
  countCommand(aggregate: string, outcome: CommandOutcome): void;
  countCommit(writes: number): void;
  socketOpened(path: 'session' | 'text'): void;
  socketClosed(path: 'session' | 'text'): void;
};

/** The server's own counters beside those of the process. Each server has a registry of its own. */
export function createMetrics(): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const commands = new Counter({
    name: 'weft_commands_total',
    help: 'Commands by aggregate type and outcome',
    labelNames: ['aggregate', 'outcome'],
    registers: [registry],
  });
  const sockets = new Gauge({
    name: 'weft_open_sockets',
    help: 'Open WebSockets by path',
    labelNames: ['path'],
    registers: [registry],
  });
  const commits = new Counter({
    name: 'weft_store_commits_total',
    help: 'Commits of the event store',
    registers: [registry],
  });
  const writes = new Counter({
    name: 'weft_store_writes_total',
    help: 'Writes to the event store; those that came together share a commit',
    registers: [registry],
  });
  return {
    registry,
    countCommand: (aggregate, { outcome }) => commands.inc({ aggregate, outcome }),
    countCommit: (count) => {
      commits.inc();
      writes.inc(count);
    },
    socketOpened: (path) => sockets.inc({ path }),
    socketClosed: (path) => sockets.dec({ path }),
  };
}
