import { createTemporaryFolder } from '../support/resources.ts';
import type { ServerUnderTest } from '../support/serverUnderTest.ts';
import { median } from '../support/statistics.ts';
import { createHearing, type Hearing, hear } from './crowdHearing.ts';
import { type LargeDocument, readLargeDocument } from './largeDocument.ts';
import { measureLoad } from './loadMeter.ts';
import { untilIdle } from './memory.ts';
import { pace } from './pace.ts';
import type { Peer } from './peers.ts';
import { type Figures, measureInTurns, type RowContext, type RowFigures } from './rows.ts';
import { closeSockets, openSocket, type Place } from './socket.ts';
import { readText } from './typedUpdates.ts';

export type OpeningLoad = { readonly later: number; readonly joiners: number };

const DOCUMENT = 'large';
const UPDATES_PER_SECOND = 100;

/** Opens a long document: after a restart, then while somebody has it open, then by many at once. */
export async function measureOpening(context: RowContext, load: OpeningLoad): Promise<RowFigures[]> {
  const large = readLargeDocument();
  console.log(`${large.name}: ${large.text.length} characters, ${large.bytes} bytes`);
  const subjects = context.peers
    .filter(({ keeps }) => keeps !== 'nothing')
    .map((peer) => ({ peer, folder: createTemporaryFolder(context.resources), isStored: false }));
  return measureInTurns(subjects, context.options.rounds, async (subject) => {
    const { peer, folder } = subject;
    using own = context.resources.use(new DisposableStack());
    const start = () => peer.start(own, { folder, nodeArgs: context.nodeArgsOf(peer) });
    let server = await start();
    if (!subject.isStored) {
      await peer.prepare(server, [DOCUMENT]);
      await store(peer, server, large);
      subject.isStored = peer.keeps === 'disk';
      if (peer.keeps === 'disk') {
        await server.stop();
        server = await start();
      }
    }
    await untilIdle(server);
    const figures = await openAll({ peer, server }, large, load);
    await server.stop();
    return figures;
  });
}

async function store(peer: Peer, server: ServerUnderTest, large: LargeDocument): Promise<void> {
  const author = await openSocket(peer, server, { document: DOCUMENT, user: 'author' });
  await pace(large.updates.length, UPDATES_PER_SECOND, (index) => {
    author.send(author.encode({ kind: 'update', update: large.updates[index]! }));
  });
  await untilIdle(server);
  await author.close();
  await untilIdle(server);
}

async function openAll(
  { peer, server }: { readonly peer: Peer; readonly server: ServerUnderTest },
  large: LargeDocument,
  { later, joiners }: OpeningLoad,
): Promise<Figures> {
  const open = (user: string) => openWhole({ peer, server, large }, { document: DOCUMENT, user });
  const first = await open('first');
  check(peer, first.hearing, large);
  const laterMs: number[] = [];
  for (let index = 0; index < later; index += 1) {
    const opening = await open(`later${index}`);
    laterMs.push(opening.ms);
    await opening.socket.close();
  }
  const startedAt = performance.now();
  const endLoad = measureLoad(server);
  const joined = await Promise.all(Array.from({ length: joiners }, (_, index) => open(`j${index}`)));
  const { serverCpuMs, clientCores } = endLoad();
  const joinMs = Math.max(...joined.map(({ at }) => at)) - startedAt;
  for (const { hearing } of joined.filter((_, index) => index % 30 === 0)) check(peer, hearing, large);
  await closeSockets([first, ...joined].map(({ socket }) => socket));
  return {
    // A server that keeps nothing on disk never opens it while nobody has it open.
    ...(peer.keeps === 'disk' && { firstMs: first.ms }),
    laterMs: median(laterMs),
    joinMs,
    joinCpuMs: serverCpuMs,
    clientCores,
  };
}

/** From before the connection until the frame that completes the text is there; that it does is found out later. */
async function openWhole(
  {
    peer,
    server,
    large,
  }: { readonly peer: Peer; readonly server: ServerUnderTest; readonly large: LargeDocument },
  place: Place,
) {
  const startedAt = performance.now();
  const socket = await openSocket(peer, server, place);
  const hearing = createHearing();
  const isWhole = () => [...large.clocks].every(([id, clock]) => (hearing.clocks.get(id) ?? 0) >= clock);
  let at = startedAt;
  hear(socket, hearing, (_id, heard) => {
    at = heard.at;
  });
  // A server that answers before it has read what it stored sends that as an update.
  if (!isWhole()) {
    await new Promise<void>((resolve) => {
      socket.onFrame = () => {
        hear(socket, hearing, (_id, heard) => {
          at = heard.at;
        });
        if (isWhole()) resolve();
      };
    });
    socket.onFrame = undefined;
  }
  return { socket, hearing, at, ms: at - startedAt };
}

function check(peer: Peer, { updates }: Hearing, { text }: LargeDocument): void {
  if (readText(updates) !== text) throw new Error(`${peer.title} gave another text than it was given`);
}
