import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join, resolve } from 'node:path';
import type { Readable, Writable } from 'node:stream';

const ROOT = resolve(import.meta.dirname, '../..');
const APPLICATION = 'examples/notes/application.ts';
const ADDRESS = /http:\/\/127\.0\.0\.1:(\d+)/;

export type CrashServer = {
  /** Such as `http://127.0.0.1:41234`; the same in all its lives. */
  readonly url: string;
  /** The store's file. */
  readonly file: string;
  /** Ends it at once, by SIGKILL, also while it starts. */
  kill(): Promise<void>;
  /** Asks it to stop, by SIGTERM; resolves to its exit code. */
  stop(): Promise<number | null>;
  /** Starts it again; resolves when it listens, `false` where it was killed first. */
  start(): Promise<boolean>;
  /** Kills whatever runs. Idempotent. */
  dispose(): Promise<void>;
};

type Process = ChildProcessByStdio<Writable, Readable, Readable>;

/** One process: its state is what it has printed and whether it has ended. */
type Life = {
  readonly child: Process;
  readonly ended: Promise<void>;
  hasEnded(): boolean;
  output(): string;
  /** Resolves to whether the pattern was printed before it ended. */
  printed(pattern: RegExp): Promise<boolean>;
};

/**
 * The notes application in a process of its own, with a file in the folder. While one life of it runs, the next one has
 * loaded its modules and waits.
 */
export async function startCrashServer(folder: string): Promise<CrashServer> {
  const file = join(folder, 'weft.db');
  const settings = {
    WEFT_STORE: `sqlite:${file}`,
    WEFT_LOG: 'error',
    NODE_COMPILE_CACHE: join(folder, 'compiled'),
  };
  const lives = new Set<Life>();

  function spawnLife(port: string): Life {
    const life = watch(
      spawn(
        process.execPath,
        [
          '--conditions=weft-source',
          '--import',
          './test/crash/standby.ts',
          'server/src/main.ts',
          APPLICATION,
        ],
        // A group of its own: Ctrl-C is for the run, which then ends the server.
        {
          cwd: ROOT,
          env: { PATH: process.env.PATH, PORT: port, ...settings },
          stdio: 'pipe',
          detached: true,
        },
      ),
    );
    lives.add(life);
    void life.ended.then(() => lives.delete(life));
    return life;
  }

  let current = spawnLife('0');
  current.child.stdin.write('start\n');
  if (!(await current.printed(ADDRESS))) throw new Error(`the server ended at once:\n${current.output()}`);
  const [url = '', port = ''] = ADDRESS.exec(current.output()) ?? [];
  let next = spawnLife(port);

  return {
    url,
    file,
    kill: async () => {
      const { child } = current;
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
    stop: async () => {
      current.child.kill('SIGTERM');
      await current.ended;
      return current.child.exitCode;
    },
    start: async () => {
      current = next;
      next = spawnLife(port);
      const life = current;
      life.child.stdin.write('start\n');
      const listens = await life.printed(ADDRESS);
      if (!listens && life.child.signalCode !== 'SIGKILL') {
        throw new Error(`the server did not start again:\n${life.output()}`);
      }
      return listens;
    },
    dispose: async () => {
      for (const { child } of lives) child.kill('SIGKILL');
      await Promise.all([...lives].map(({ ended }) => ended));
    },
  };
}

function watch(child: Process): Life {
  let output = '';
  let ended = false;
  const waiting = new Set<() => void>();
  const tell = () => {
    for (const look of waiting) look();
  };
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      tell();
    });
  }
  // Whoever is killed does not read.
  child.stdin.on('error', () => undefined);
  const closed = once(child, 'close').then(() => {
    ended = true;
    tell();
  });
  return {
    child,
    ended: closed,
    hasEnded: () => ended,
    output: () => output,
    printed: (pattern) =>
      new Promise((resolve) => {
        const look = () => {
          const isThere = pattern.test(output);
          if (!isThere && !ended) return;
          waiting.delete(look);
          resolve(isThere);
        };
        waiting.add(look);
        look();
      }),
  };
}
