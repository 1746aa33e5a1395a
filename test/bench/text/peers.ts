import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ServerUnderTest, startNotes, startServer } from '../support/serverUnderTest.ts';
import type { Dialect } from './frames.ts';
import { findFreePort } from './freePort.ts';
import { PEERS_FOLDER } from './installPeers.ts';

export const PEERS = ['relay', 'y-websocket', 'y-leveldb', 'hocuspocus', 'weft'] as const;

export type PeerName = (typeof PEERS)[number];

export type Peer = {
  readonly name: PeerName;
  /** What the tables call it. */
  readonly title: string;
  readonly dialect: Dialect;
  /**
   * - `nothing`: whoever comes later gets nothing of what was before;
   * - `memory`: until the server ends;
   * - `disk`: the folder that it was started with.
   */
  readonly keeps: 'nothing' | 'memory' | 'disk';
  start(resources: DisposableStack, options: StartOptions): Promise<ServerUnderTest>;
  /** Makes documents of these names, where a server doesn't do so by itself. */
  prepare(server: ServerUnderTest, documents: readonly string[]): Promise<void>;
  /** The path of a socket. */
  pathOf(document: string, user: string): string;
};

export type StartOptions = {
  /** Where it may store things. */
  readonly folder: string;
  /** Of Node. */
  readonly nodeArgs?: readonly string[];
};

/** The field of Weft's notes that is typed into; elsewhere the same name does no harm. */
export const FIELD = 'body';

const HERE = 'test/bench/text';
const Y_WEBSOCKET = join(HERE, 'peers/node_modules/y-websocket/bin/server.cjs');
const CREATIONS_AT_ONCE = 16;

export function toPeer(name: PeerName): Peer {
  switch (name) {
    case 'relay':
      return {
        name,
        title: 'relay',
        dialect: 'bare',
        keeps: 'nothing',
        start: (resources, { nodeArgs = [] }) =>
          startServer(resources, { args: [...nodeArgs, join(HERE, 'relayServer.ts')] }),
        prepare: async () => {},
        pathOf: (document) => `/${document}`,
      };
    case 'y-websocket':
      return {
        ...yWebsocket(() => ({})),
        name,
        title: `y-websocket ${versionOf('y-websocket')}`,
        keeps: 'memory',
      };
    case 'y-leveldb':
      return {
        ...yWebsocket((folder) => ({ YPERSISTENCE: join(folder, 'level') })),
        name,
        title: 'the same, LevelDB',
        keeps: 'disk',
      };
    case 'hocuspocus':
      return {
        name,
        title: `Hocuspocus ${versionOf('@hocuspocus/server')}, SQLite`,
        dialect: 'hocuspocus',
        keeps: 'disk',
        start: (resources, { folder, nodeArgs = [] }) =>
          startServer(resources, {
            args: [
              ...nodeArgs,
              join(HERE, 'hocuspocusServer.ts'),
              PEERS_FOLDER,
              join(folder, 'documents.db'),
            ],
          }),
        prepare: async () => {},
        pathOf: () => '/',
      };
    case 'weft':
      return {
        name,
        title: 'Weft',
        dialect: 'y-websocket',
        keeps: 'disk',
        start: (resources, { folder, nodeArgs = [] }) => startNotes(resources, folder, nodeArgs),
        prepare: createNotes,
        pathOf: (document, user) => `/yjs/note/${document}/${FIELD}?token=${user}`,
      };
  }
}

function yWebsocket(
  toEnvironment: (folder: string) => Readonly<Record<string, string>>,
): Pick<Peer, 'dialect' | 'start' | 'prepare' | 'pathOf'> {
  return {
    dialect: 'y-websocket',
    start: async (resources, { folder, nodeArgs = [] }) => {
      // It would listen on any port for 0 too, and not say on which.
      const port = await findFreePort();
      return startServer(resources, {
        args: [...nodeArgs, Y_WEBSOCKET],
        environment: { HOST: '127.0.0.1', PORT: String(port), ...toEnvironment(folder) },
        findUrl: (printed) => (printed.includes('running at') ? `http://127.0.0.1:${port}` : undefined),
      });
    },
    prepare: async () => {},
    pathOf: (document) => `/${document}`,
  };
}

async function createNotes({ url }: ServerUnderTest, documents: readonly string[]): Promise<void> {
  const waiting = [...documents];
  async function createNext(): Promise<void> {
    for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
      const headers = { 'Content-Type': 'application/json' };
      const body = JSON.stringify({ title: id });
      const response = await fetch(`${url}/api/note/${id}`, { method: 'PUT', headers, body });
      const answer = await response.text();
      if (response.status !== 201) throw new Error(`a note was not created but answered ${answer}`);
    }
  }
  await Promise.all(Array.from({ length: CREATIONS_AT_ONCE }, createNext));
}

function versionOf(packageName: string): string {
  const manifest = readFileSync(join(PEERS_FOLDER, 'package.json'), 'utf8');
  const { dependencies } = JSON.parse(manifest) as { dependencies: Readonly<Record<string, string>> };
  return dependencies[packageName] ?? '';
}
