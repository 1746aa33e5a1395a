import { type ChildProcess, type ChildProcessByStdio, spawn } from 'node:child_process';
import { join, resolve } from 'node:path';
import type { Readable } from 'node:stream';
import { onTestFinished } from 'vitest';
import { createTemporaryFolder } from './temporaryFolder.ts';
import { until } from './until.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const ADDRESS = /http:\/\/127\.0\.0\.1:(\d+)/;
const START_TIMEOUT_MS = 20_000;

export type ServerProcessOptions = {
  /** Where the store's file is, `weft.db`. Default: a temporary folder. */
  readonly folder?: string | undefined;
  /** Settings besides the address and the store, such as `WEFT_LOG`. Default: none. */
  readonly environment?: Readonly<Record<string, string>> | undefined;
  /** The module that describes what is served. Default: the notes application. */
  readonly application?: string | undefined;
};

/** An application, served by a process of its own; killed when the test has finished. */
export type ServerProcess = {
  /** Such as `http://127.0.0.1:41234`; stays the same after a restart. */
  readonly url: string;
  readonly folder: string;
  /** Of the process that runs now, or ran last. */
  readonly pid: number | undefined;
  /** Ends it at once, by SIGKILL. */
  kill(): Promise<void>;
  /** Asks it to stop, by SIGTERM unless told otherwise; resolves to its exit code, `null` where a signal ended it. */
  stop(signal?: 'SIGTERM' | 'SIGINT'): Promise<number | null>;
  /** Starts it again on the same port and store, after it was killed or stopped. */
  restart(): Promise<void>;
  /** All that it has printed, over all its lives. */
  output(): string;
};

/** Starts a server on a free port and waits until it listens. */
export async function startServerProcess(options: ServerProcessOptions = {}): Promise<ServerProcess> {
  const folder = options.folder ?? (await createTemporaryFolder());
  const settings = { WEFT_STORE: `sqlite:${join(folder, 'weft.db')}`, ...options.environment };
  const past: string[] = [];
  let life = await startLife({ PORT: '0', ...settings }, options.application);
  const { url, port } = life;

  onTestFinished(async () => {
    await end(life, 'SIGKILL');
  });
  return {
    url,
    folder,
    get pid() {
      return life.child.pid;
    },
    kill: async () => {
      await end(life, 'SIGKILL');
    },
    stop: (signal = 'SIGTERM') => end(life, signal),
    restart: async () => {
      past.push(life.output());
      life = await startLife({ PORT: port, ...settings }, options.application);
    },
    output: () => [...past, life.output()].join(''),
  };
}

/** One process, from its start to its end. */
type Life = {
  readonly url: string;
  readonly port: string;
  readonly child: ChildProcess;
  /** Whether it has ended and everything that it printed was read. */
  hasEnded(): boolean;
  output(): string;
};

/** Starts a server's process with nothing but these settings; the caller ends it. */
export function spawnServer(
  environment: Readonly<Record<string, string>>,
  application = 'examples/notes/application.ts',
): ChildProcessByStdio<null, Readable, Readable> {
  return spawn(process.execPath, ['--conditions=weft-source', 'server/src/main.ts', application], {
    cwd: ROOT,
    // Nothing of the test run's own settings: the server refuses to start with one that it does not know.
    env: { PATH: process.env.PATH, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

async function startLife(environment: Record<string, string>, application?: string): Promise<Life> {
  const child = spawnServer(environment, application);
  let output = '';
  let ended = false;
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  }
  child.once('close', () => (ended = true));

  const listening = (): { url: string; port: string } | undefined => {
    if (ended) throw new Error(`the server ended at once:\n${output}`);
    const [url, port] = ADDRESS.exec(output) ?? [];
    return url === undefined || port === undefined ? undefined : { url, port };
  };
  try {
    const address = await until(listening, {
      describe: 'the address of the server',
      timeoutMs: START_TIMEOUT_MS,
    });
    return { ...address, child, hasEnded: () => ended, output: () => output };
  } catch (error) {
    child.kill('SIGKILL');
    throw error;
  }
}

async function end(life: Life, signal: NodeJS.Signals): Promise<number | null> {
  if (!life.hasEnded()) life.child.kill(signal);
  await until(() => life.hasEnded(), { describe: `the end of the server after ${signal}` });
  return life.child.exitCode;
}
