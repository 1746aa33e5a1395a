import { setTimeout as sleep } from 'node:timers/promises';
import * as Y from 'yjs';
import { median, percentile } from '../support/statistics.ts';
import { type EditingTrace, readEditingTrace, type TracedUpdate } from '../../support/editingTrace.ts';
import { measureLoad } from './loadMeter.ts';
import { until, untilQuiet } from './pace.ts';
import { FIELD } from './peers.ts';
import { type Figures, measureInTurns, type RowContext, type RowFigures } from './rows.ts';
import { type RunningPeer, withRunningPeers } from './runningPeers.ts';
import { closeSockets, openSockets, type PersonSocket } from './socket.ts';
import { toClientId } from './typedUpdates.ts';

export type AuthorsLoad = { readonly rate: number; readonly updates: number };

type Author = {
  readonly clientId: number;
  readonly doc: Y.Doc;
  readonly socket: PersonSocket;
  readonly pending: TracedUpdate[];
  /** What was sent and the other has not shown yet: up to which clock, and when. */
  readonly underWay: { readonly clock: number; readonly at: number }[];
};

/** Two people's real typing, each update sent when its author had received all that it was made on. */
export async function measureAuthors(context: RowContext, load: AuthorsLoad): Promise<RowFigures[]> {
  // Of two insertions at one place the smaller id comes first; the trace ends as it does with these.
  const whole = readEditingTrace('friendsforever', { field: FIELD, clientIds: [0, 1].map(toClientId) });
  const trace = load.updates < whole.updates.length ? cut(whole, load.updates) : whole;
  const clocks = readClocks(trace);
  return withRunningPeers(context, async (running) =>
    measureInTurns(running, context.options.rounds, (subject, round) =>
      replay(subject, { trace, clocks, rate: load.rate }, `round${round}`),
    ),
  );
}

type Replay = { readonly trace: EditingTrace; readonly clocks: readonly number[][]; readonly rate: number };

async function replay(
  { peer, server }: RunningPeer,
  { trace, clocks, rate }: Replay,
  document: string,
): Promise<Figures> {
  await peer.prepare(server, [document]);
  const places = clocks.map((_, author) => ({ document, user: `author${author}` }));
  const sockets = await openSockets(peer, server, places);
  const authors = sockets.map((socket, author): Author => {
    const pending = trace.updates.filter((update) => update.author === author);
    return { clientId: toClientId(author), doc: new Y.Doc(), socket, pending, underWay: [] };
  });
  await untilQuiet(() => sockets.reduce((sum, { count }) => sum + count, 0));
  const latenciesMs: number[] = [];

  function take(author: Author): void {
    const { doc, socket } = author;
    for (const { at, bytes } of socket.takeReceived()) {
      const heard = socket.decode(bytes);
      if (heard.kind !== 'update') continue;
      Y.applyUpdate(doc, heard.update);
      for (const other of authors) {
        if (other === author) continue;
        const known = Y.getState(doc.store, other.clientId);
        for (let next = other.underWay[0]; next && next.clock <= known; next = other.underWay[0]) {
          latenciesMs.push(at - next.at);
          other.underWay.shift();
        }
      }
    }
  }

  function isReady({ doc }: Author, { seen }: TracedUpdate): boolean {
    return seen.every((count, other) => {
      const needed = count === 0 ? 0 : clocks[other]![count - 1]!;
      return Y.getState(doc.store, toClientId(other)) >= needed;
    });
  }

  function type(author: Author, { update }: TracedUpdate): void {
    const { doc, socket, clientId, underWay } = author;
    const before = Y.getState(doc.store, clientId);
    Y.applyUpdate(doc, update);
    const clock = Y.getState(doc.store, clientId);
    if (clock > before) underWay.push({ clock, at: performance.now() });
    socket.send(socket.encode({ kind: 'update', update }));
  }

  for (const author of authors) author.socket.onFrame = () => take(author);
  const endLoad = measureLoad(server);
  const startedAt = performance.now();
  while (authors.some(({ pending }) => pending.length > 0)) {
    const due = ((performance.now() - startedAt) / 1000) * rate;
    for (const author of authors) {
      for (
        let next = author.pending[0];
        next && next.index <= due && isReady(author, next);
        next = author.pending[0]
      ) {
        author.pending.shift();
        type(author, next);
      }
    }
    await sleep(1);
  }
  const typingMs = performance.now() - startedAt;
  const converged = () => authors.every(({ doc }) => doc.getText(FIELD).toString() === trace.endContent);
  await until(converged, () => `${peer.title} did not lead the authors to the same text`);
  const figures = endLoad();
  await closeSockets(sockets);
  return {
    cpuUs: (figures.serverCpuMs * 1000) / trace.updates.length,
    mainCpuUs: (figures.mainThreadCpuMs * 1000) / trace.updates.length,
    p50Ms: median(latenciesMs),
    p99Ms: percentile(latenciesMs, 0.99),
    rate: (trace.updates.length / typingMs) * 1000,
    serverCores: figures.serverCores,
    clientCores: figures.clientCores,
    otherCores: figures.otherCores,
  };
}

/** The beginning of a trace; it ends as Yjs merges it. */
function cut({ updates }: EditingTrace, count: number): EditingTrace {
  const beginning = updates.slice(0, count);
  const doc = new Y.Doc();
  for (const { update } of beginning) Y.applyUpdate(doc, update);
  return { updates: beginning, endContent: doc.getText(FIELD).toString() };
}

/** For each author, the clock that each of its updates leads to. */
function readClocks({ updates }: EditingTrace): number[][] {
  const clocks: number[][] = [[], []];
  for (const { author, update } of updates) {
    const ofAuthor = clocks[author]!;
    ofAuthor.push(Y.parseUpdateMeta(update).to.get(toClientId(author)) ?? ofAuthor.at(-1) ?? 0);
  }
  return clocks;
}
