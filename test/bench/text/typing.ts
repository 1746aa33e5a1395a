import { median, percentile } from '../support/statistics.ts';
import { createHearing, hear } from './crowdHearing.ts';
import { measureLoad } from './loadMeter.ts';
import { pace, until, untilQuiet } from './pace.ts';
import { type Figures, measureInTurns, type RowContext, type RowFigures } from './rows.ts';
import { type RunningPeer, withRunningPeers } from './runningPeers.ts';
import { closeSockets, openSockets } from './socket.ts';
import { readText, toClientId, typeAhead } from './typedUpdates.ts';

export type TypingLoad = {
  readonly documents: number;
  readonly peoplePerDocument: number;
  /** Updates a second of all people together. */
  readonly rate: number;
  readonly seconds: number;
};

const CHARACTERS = 7;
const WARM_UP_SECONDS = 1;

/** People type into shared documents, at a given rate. Everything that each of them has to see is checked. */
export async function measureTyping(context: RowContext, load: TypingLoad): Promise<RowFigures[]> {
  const { rounds } = context.options;
  return withRunningPeers(context, async (running) => {
    const warmUp = { ...load, seconds: Math.min(load.seconds, WARM_UP_SECONDS) };
    for (const subject of running) await typeOnce(subject, warmUp, 'warm-up');
    return measureInTurns(running, rounds, (subject, round) => typeOnce(subject, load, `round${round}`));
  });
}

async function typeOnce({ peer, server }: RunningPeer, load: TypingLoad, label: string): Promise<Figures> {
  const { documents, peoplePerDocument, rate, seconds } = load;
  const names = Array.from({ length: documents }, (_, index) => `${label}-${index}`);
  await peer.prepare(server, names);
  const people = documents * peoplePerDocument;
  const updatesEach = Math.max(1, Math.floor((rate * seconds) / people));
  const places = Array.from({ length: people }, (_, person) => ({
    document: names[person % documents]!,
    user: `p${person}`,
  }));
  const sockets = await openSockets(peer, server, places);
  const texts = Array.from({ length: updatesEach }, (_, index) => String(index).padEnd(CHARACTERS, '.'));
  const typists = sockets.map((socket, person) => {
    const updates = typeAhead(toClientId(person), texts);
    return {
      socket,
      clientId: toClientId(person),
      hearing: createHearing(),
      updates,
      frames: updates.map((update) => socket.encode({ kind: 'update', update })),
      sentAt: new Float64Array(updatesEach),
    };
  });
  const sentAtOf = new Map(typists.map(({ clientId, sentAt }) => [clientId, sentAt]));
  const countReceived = () => sockets.reduce((sum, { count }) => sum + count, 0);
  await untilQuiet(countReceived);
  for (const { socket, hearing } of typists) hear(socket, hearing);

  const endLoad = measureLoad(server);
  const updates = updatesEach * people;
  const startedAt = performance.now();
  let typingMs = 0;
  await pace(updates, rate, (index) => {
    const typist = typists[index % people]!;
    const turn = Math.floor(index / people);
    typist.sentAt[turn] = performance.now();
    typist.socket.send(typist.frames[turn]!);
    typingMs = performance.now() - startedAt;
  });
  // Reading what came takes the clients a while, in which they could not tell when something came.
  await untilQuiet(countReceived);
  const figures = endLoad();

  const latenciesMs: number[] = [];
  let deliveries = 0;
  const expected = updates * (peoplePerDocument - 1);
  const hearAll = () => {
    for (const typist of typists) {
      hear(typist.socket, typist.hearing, (clientId, { from, to, at }) => {
        if (clientId === typist.clientId) return;
        for (let turn = from / CHARACTERS; turn < to / CHARACTERS; turn += 1) {
          latenciesMs.push(at - sentAtOf.get(clientId)![turn]!);
          deliveries += 1;
        }
      });
    }
    return deliveries >= expected;
  };
  await until(hearAll, () => `${peer.title} delivered ${deliveries} of ${expected} updates`);
  await closeSockets(sockets);
  for (const name of names) {
    const readers = typists.filter(({ socket }) => socket.document === name);
    const read = readers.map((reader) => readText([...reader.updates, ...reader.hearing.updates]));
    const length = updatesEach * peoplePerDocument * CHARACTERS;
    if (read.some((text) => text.length !== length || text !== read[0])) {
      throw new Error(`at ${peer.title} not everyone has everything that was typed`);
    }
  }
  return {
    cpuUs: (figures.serverCpuMs * 1000) / updates,
    mainCpuUs: (figures.mainThreadCpuMs * 1000) / updates,
    p50Ms: median(latenciesMs),
    p99Ms: percentile(latenciesMs, 0.99),
    rate: (updates / typingMs) * 1000,
    frames: countReceived() / sockets.length,
    deliveries,
    serverCores: figures.serverCores,
    clientCores: figures.clientCores,
    otherCores: figures.otherCores,
  };
}
