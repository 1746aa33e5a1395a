import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join, resolve } from 'node:path';
import type { Readable } from 'node:stream';

const ROOT = resolve(import.meta.dirname, '../../..');
const ADDRESS = /http:\/\/127\.0\.0\.1:\d+/;

/** A server in a process of its own. */
export type ServerUnderTest = {
  readonly url: string;
  readonly pid: number;
  /** By SIGTERM; resolves when it has ended, rejects where it did so with an error. */
  stop(): Promise<void>;
};

export type ServerCommand = {
  /** Of Node; paths are relative to the project's root. */
  readonly args: readonly string[];
  /** Default: nothing. Of the caller's own environment nothing is handed on but `PATH`. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Finds the address in what was printed so far. Default: the first `http://127.0.0.1:<port>`. */
  readonly findUrl?: (printed: string) => string | undefined;
};

/** The notes application on a durable store in this folder, run as in production. */
export function startNotes(
  resources: DisposableStack,
  folder: string,
  nodeArgs: readonly string[] = [],
): Promise<ServerUnderTest> {
  return startServer(resources, {
    args: [...nodeArgs, '--conditions=weft-source', 'server/src/main.ts', 'examples/notes/application.ts'],
    environment: { WEFT_STORE: `sqlite:${join(folder, 'weft.db')}` },
  });
}

/** Resolves when the server says where it listens. */
export async function startServer(
  resources: DisposableStack,
  { args, environment = {}, findUrl = (printed) => ADDRESS.exec(printed)?.[0] }: ServerCommand,
): Promise<ServerUnderTest> {
  const child = spawn(process.execPath, args, {
    cwd: ROOT,
    // Nothing of the caller's own settings: the server refuses to start with one that it does not know.
    env: { PATH: process.env.PATH, NODE_ENV: 'production', PORT: '0', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  resources.defer(() => child.kill('SIGKILL'));
  child.stderr.pipe(process.stderr, { end: false });
  const url = await readUrl(child.stdout, child, findUrl);
  const { pid } = child;
  if (pid === undefined) throw new Error('a server that listens has no process');
  return {
    url,
    pid,
    stop: async () => {
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      await ended;
      // A server that does not listen to the signal is ended by it.
      if (child.exitCode !== 0 && child.signalCode !== 'SIGTERM') {
        throw new Error(`a server ended with ${child.exitCode ?? child.signalCode}`);
      }
    },
  };
}

function readUrl(
  stdout: Readable,
  child: ChildProcess,
  findUrl: (printed: string) => string | undefined,
): Promise<string> {
  return new Promise((resolve, reject) => {
    let printed = '';
    stdout.setEncoding('utf8').on('data', (text: string) => {
      printed += text;
      const url = findUrl(printed);
      if (url !== undefined) resolve(url);
    });
    child.once('error', reject);
    child.once('close', () => reject(new Error(`a server ended before it listened:\n${printed}`)));
  });
}
