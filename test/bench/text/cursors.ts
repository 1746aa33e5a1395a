import * as decoding from 'lib0/decoding';
import * as encoding from 'lib0/encoding';
import { median, percentile } from '../support/statistics.ts';
import { measureLoad } from './loadMeter.ts';
import { pace, until, untilQuiet } from './pace.ts';
import { FIELD } from './peers.ts';
import { type Figures, measureInTurns, type RowContext, type RowFigures } from './rows.ts';
import { type RunningPeer, withRunningPeers } from './runningPeers.ts';
import { closeSockets, openSockets, type PersonSocket } from './socket.ts';
import { toClientId } from './typedUpdates.ts';

export type CursorLoad = { readonly people: number; readonly seconds: number };

type Person = {
  readonly socket: PersonSocket;
  readonly clientId: number;
  /** By clock; what one was shown of oneself is not counted. */
  readonly sentAt: number[];
  readonly seen: Map<number, number>;
};

const WARM_UP_SECONDS = 1;

/** Everybody in one document moves their cursor once a second; everybody must see all of it. */
export async function measureCursors(context: RowContext, load: CursorLoad): Promise<RowFigures[]> {
  return withRunningPeers(context, async (running) => {
    for (const subject of running) await moveOnce(subject, { ...load, seconds: WARM_UP_SECONDS }, 'warm-up');
    return measureInTurns(running, context.options.rounds, (subject, round) =>
      moveOnce(subject, load, `round${round}`),
    );
  });
}

async function moveOnce(
  { peer, server }: RunningPeer,
  { people: count, seconds }: CursorLoad,
  document: string,
): Promise<Figures> {
  await peer.prepare(server, [document]);
  const places = Array.from({ length: count }, (_, person) => ({ document, user: `p${person}` }));
  const sockets = await openSockets(peer, server, places);
  const people = sockets.map((socket, index): Person => {
    return { socket, clientId: toClientId(index), sentAt: [], seen: new Map() };
  });
  const sentAtOf = new Map(people.map(({ clientId, sentAt }) => [clientId, sentAt]));
  const latenciesMs: number[] = [];
  let seen = 0;

  function move(index: number): void {
    const person = people[index % count]!;
    const clock = person.sentAt.push(performance.now());
    person.socket.send(person.socket.encode({ kind: 'awareness', states: toCursor(person.clientId, clock) }));
  }

  function lookAtAll(): void {
    for (const person of people) {
      for (const { at, bytes } of person.socket.takeReceived()) {
        const heard = person.socket.decode(bytes);
        if (heard.kind !== 'awareness') continue;
        for (const [clientId, clock] of readClocks(heard.states)) {
          if (clientId === person.clientId || clock <= (person.seen.get(clientId) ?? 0)) continue;
          person.seen.set(clientId, clock);
          latenciesMs.push(at - sentAtOf.get(clientId)![clock - 1]!);
          seen += 1;
        }
      }
    }
  }

  const seesAll = (clock: number) => () => {
    lookAtAll();
    return people.every((person) =>
      people.every((other) => other === person || (person.seen.get(other.clientId) ?? 0) >= clock),
    );
  };
  const describe = () => `${peer.title} showed ${seen} cursors`;
  const countReceived = () => sockets.reduce((sum, socket) => sum + socket.count, 0);

  await pace(count, count, move);
  await until(seesAll(1), describe);
  await untilQuiet(countReceived);
  latenciesMs.length = 0;
  seen = 0;

  const endLoad = measureLoad(server);
  await pace(count * seconds, count, move);
  await untilQuiet(countReceived);
  const figures = endLoad();
  await until(seesAll(1 + seconds), describe);
  await closeSockets(sockets);
  return {
    cpuUs: (figures.serverCpuMs * 1000) / seen,
    p50Ms: median(latenciesMs),
    p95Ms: percentile(latenciesMs, 0.95),
    shownShare: seen / (count * (count - 1) * seconds),
    serverCores: figures.serverCores,
    clientCores: figures.clientCores,
    otherCores: figures.otherCores,
  };
}

/** What an editor binding tells of a person. */
function toCursor(client: number, clock: number): Uint8Array {
  const place = { type: null, tname: FIELD, item: { client, clock }, assoc: 0 };
  const user = { name: `Person ${client}`, color: '#30bced', colorLight: '#30bced33' };
  const state = JSON.stringify({ user, cursor: { anchor: place, head: place } });
  return encoding.encode((encoder) => {
    encoding.writeVarUint(encoder, 1);
    encoding.writeVarUint(encoder, client);
    encoding.writeVarUint(encoder, clock);
    encoding.writeVarString(encoder, state);
  });
}

function readClocks(states: Uint8Array): [client: number, clock: number][] {
  const decoder = decoding.createDecoder(states);
  return Array.from({ length: decoding.readVarUint(decoder) }, () => {
    const client = decoding.readVarUint(decoder);
    const clock = decoding.readVarUint(decoder);
    decoding.readVarUint8Array(decoder);
    return [client, clock];
  });
}
