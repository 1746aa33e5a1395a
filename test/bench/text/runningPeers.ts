import { createTemporaryFolder } from '../support/resources.ts';
import type { ServerUnderTest } from '../support/serverUnderTest.ts';
import type { Peer } from './peers.ts';
import type { RowContext } from './rows.ts';

export type RunningPeer = { readonly peer: Peer; readonly server: ServerUnderTest };

/** Runs a server for each peer while `work` goes on. */
export async function withRunningPeers<Result>(
  { peers, resources, nodeArgsOf }: RowContext,
  work: (running: readonly RunningPeer[]) => Promise<Result>,
): Promise<Result> {
  const running: RunningPeer[] = [];
  for (const peer of peers) {
    const options = { folder: createTemporaryFolder(resources), nodeArgs: nodeArgsOf(peer) };
    running.push({ peer, server: await peer.start(resources, options) });
  }
  const result = await work(running);
  await Promise.all(running.map(({ server }) => server.stop()));
  return result;
}
