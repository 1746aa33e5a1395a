import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { readCpuTime } from '../support/cpuTime.ts';
import { createTemporaryFolder } from '../support/resources.ts';
import type { ServerUnderTest } from '../support/serverUnderTest.ts';
import { createHearing, hear } from './crowdHearing.ts';
import { pace, until, untilQuiet } from './pace.ts';
import type { Peer } from './peers.ts';
import { type Figures, measureInTurns, type RowContext, type RowFigures } from './rows.ts';
import { closeSockets, openSocket, openSockets } from './socket.ts';
import { readText, toClientId, typeAhead } from './typedUpdates.ts';

const COLLECT = ['--expose-gc', '--import', new URL('collectOnSignal.ts', import.meta.url).href];
const CHARACTERS = 4000;
const BURSTS = 20;
const BURSTS_PER_SECOND = 4000;
const WARM_UP_DOCUMENTS = 100;
const CHECKED_DOCUMENTS = 20;
// V8 gives back the empty space for new objects, up to 100 MB, only after some of them.
const COLLECTIONS = 6;

/** What one more open document takes, with the connection of the one person who has it open and typed all of it. */
export async function measureMemory(context: RowContext, documents: number): Promise<RowFigures[]> {
  const subjects = context.peers.map((peer) => ({ peer }));
  return measureInTurns(subjects, context.options.rounds, ({ peer }) => fill(context, peer, documents));
}

async function fill({ resources, nodeArgsOf }: RowContext, peer: Peer, documents: number): Promise<Figures> {
  using own = resources.use(new DisposableStack());
  const folder = createTemporaryFolder(own);
  const server = await peer.start(own, { folder, nodeArgs: [...nodeArgsOf(peer), ...COLLECT] });
  const warmUp = Array.from({ length: WARM_UP_DOCUMENTS }, (_, index) => `w${index}`);
  const names = Array.from({ length: documents }, (_, index) => `d${index}`);
  // That a document exists takes memory too, but not by being open.
  await peer.prepare(server, [...warmUp, ...names]);
  await closeSockets(await typeInto(peer, server, warmUp));
  const before = await readSettledKb(server);

  const sockets = await typeInto(peer, server, names);
  const after = await readSettledKb(server);
  if (peer.keeps !== 'nothing') await checkSome(peer, server, names);
  await closeSockets(sockets);
  await server.stop();
  return {
    collectedKb: (after.collected - before.collected) / documents,
    residentKb: (after.resident - before.collected) / documents,
    beforeMb: before.collected / 1024,
    afterMb: after.collected / 1024,
  };
}

async function typeInto(peer: Peer, server: ServerUnderTest, names: readonly string[]) {
  const places = names.map((document, person) => ({ document, user: `p${person}` }));
  const sockets = await openSockets(peer, server, places);
  const bursts = Array.from({ length: BURSTS }, (_, burst) =>
    `burst ${burst} `.repeat(CHARACTERS).slice(0, CHARACTERS / BURSTS),
  );
  const updates = sockets.map((_, person) => typeAhead(toClientId(person), bursts));
  await pace(sockets.length * BURSTS, BURSTS_PER_SECOND, (index) => {
    const person = index % sockets.length;
    const socket = sockets[person]!;
    const update = updates[person]![Math.floor(index / sockets.length)]!;
    socket.send(socket.encode({ kind: 'update', update }));
  });
  await untilIdle(server);
  return sockets;
}

async function checkSome(peer: Peer, server: ServerUnderTest, names: readonly string[]): Promise<void> {
  for (const document of names.slice(0, CHECKED_DOCUMENTS)) {
    const socket = await openSocket(peer, server, { document, user: 'reader' });
    const hearing = createHearing();
    const isThere = () => {
      hear(socket, hearing);
      return readText(hearing.updates).length === CHARACTERS;
    };
    await until(isThere, () => `${peer.title} still has not all of ${document}`);
    await socket.close();
  }
}

/** `resident` is as it is found; `collected`, once what is garbage has been collected. */
async function readSettledKb(server: ServerUnderTest): Promise<{ resident: number; collected: number }> {
  await untilIdle(server);
  const resident = readResidentKb(server.pid);
  for (let times = 0; times < COLLECTIONS; times += 1) {
    process.kill(server.pid, 'SIGUSR2');
    await untilIdle(server);
  }
  // What V8 has no use for any more goes back to the system a little later.
  await untilQuiet(() => readResidentKb(server.pid), 1000);
  return { resident, collected: readResidentKb(server.pid) };
}

const IDLE_MS = 1000;
// Of a second. A profiler alone takes 70.
const IDLE_CPU_MS = 100;
const IDLE_TIMEOUT_MS = 120_000;

/** Resolves when the server has next to nothing to do, not even what it puts off for a while. */
export async function untilIdle({ pid }: ServerUnderTest): Promise<void> {
  const startedAt = performance.now();
  for (let before = readCpuTime(pid).all; ;) {
    await sleep(IDLE_MS);
    const now = readCpuTime(pid).all;
    if (now - before <= IDLE_CPU_MS) return;
    if (performance.now() - startedAt > IDLE_TIMEOUT_MS) throw new Error('a server never comes to rest');
    before = now;
  }
}

function readResidentKb(pid: number): number {
  const [, kilobytes] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  if (kilobytes === undefined) throw new Error(`/proc/${pid}/status is of an unknown form`);
  return Number(kilobytes);
}
