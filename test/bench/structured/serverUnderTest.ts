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

/** The notes application on a durable store in this folder, run as in production. */
export function startNotes(resources: DisposableStack, folder: string): Promise<ServerUnderTest> {
  return start(resources, {
    args: ['--conditions=weft-source', 'server/src/main.ts', 'examples/notes/application.ts'],
    environment: { WEFT_STORE: `sqlite:${join(folder, 'weft.db')}` },
  });
}

/** What Express needs at least to read JSON and to answer it. */
export function startEcho(resources: DisposableStack): Promise<ServerUnderTest> {
  return start(resources, { args: [join(import.meta.dirname, 'echoServer.ts')], environment: {} });
}

/** The echo, with each body stored in this folder before it is answered. */
export function startStoringEcho(resources: DisposableStack, folder: string): Promise<ServerUnderTest> {
  const server = join(import.meta.dirname, 'appendServer.ts');
  const args = ['--conditions=weft-source', server, join(folder, 'echo.db')];
  return start(resources, { args, environment: {} });
}

async function start(
  resources: DisposableStack,
  { args, environment }: { args: readonly string[]; environment: Readonly<Record<string, string>> },
): Promise<ServerUnderTest> {
  const child = spawn(process.execPath, args, {
    cwd: ROOT,
    // Nothing of the caller's own settings: the server refuses to start with one that it does not know.
    env: { PATH: process.env.PATH, NODE_ENV: 'production', PORT: '0', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  resources.defer(() => child.kill('SIGKILL'));
  child.stderr.pipe(process.stderr, { end: false });
  const url = await readAddress(child.stdout, child);
  const { pid } = child;
  if (pid === undefined) throw new Error('a server that listens has no process');
  return {
    url,
    pid,
    stop: async () => {
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      await ended;
      if (child.exitCode !== 0) throw new Error(`a server ended with ${child.exitCode ?? child.signalCode}`);
    },
  };
}

function readAddress(stdout: Readable, child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let printed = '';
    stdout.setEncoding('utf8').on('data', (text: string) => {
      printed += text;
      const [url] = ADDRESS.exec(printed) ?? [];
      if (url !== undefined) resolve(url);
    });
    child.once('error', reject);
    child.once('close', () => reject(new Error(`a server ended before it listened:\n${printed}`)));
  });
}
