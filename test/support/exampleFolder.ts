import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text as readText } from 'node:stream/consumers';
import { onTestFinished } from 'vitest';
import { build, defaultClientConditions, preview } from 'vite';
import { until } from './until.ts';

const CONDITION = 'weft-source';
const TSC = join(import.meta.dirname, '../../node_modules/typescript/bin/tsc');

/** What tsc has against the files of a folder that has a `tsconfig.json`. */
export async function listTypeErrors(folder: string): Promise<string[]> {
  // Our packages are read from their sources here, which ask for the types of Node; an application reads declarations.
  const child = spawn(process.execPath, [TSC, '--customConditions', CONDITION, '--types', 'node'], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const output = await readText(child.stdout);
  return output.split('\n').filter((line) => line !== '' && !line.startsWith('../'));
}

/** Builds the page of a folder and serves it; resolves to its origin. Ends with the test. */
export async function servePage(folder: string): Promise<string> {
  const common = { root: folder, configFile: false, logLevel: 'error' } as const;
  await build({
    ...common,
    resolve: { conditions: [CONDITION, ...defaultClientConditions] },
    build: { target: 'es2024', chunkSizeWarningLimit: 2000 },
  });
  const server = await preview({ ...common, preview: { host: 'localhost', port: 0 } });
  onTestFinished(() => server.close());
  const [url] = server.resolvedUrls?.local ?? [];
  if (url === undefined) throw new Error('the page is served nowhere');
  return new URL(url).origin;
}

/** A program of a folder, in a process of its own. Ends with the test. */
export type Program = {
  /** Resolves when it has printed this. */
  whenPrinted(text: string): Promise<void>;
  kill(): Promise<void>;
};

export function startProgram(folder: string, file: string): Program {
  const child: ChildProcess = spawn(process.execPath, [`--conditions=${CONDITION}`, file], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => (output += text));
  }
  const ended = once(child, 'exit');
  const kill = async () => {
    child.kill('SIGKILL');
    await ended;
  };
  onTestFinished(kill);
  return {
    whenPrinted: async (text) => {
      const isThere = () => {
        if (child.exitCode !== null) throw new Error(`${file} ended at once:\n${output}`);
        return output.includes(text);
      };
      await until(isThere, { describe: `${file} printing “${text}”`, timeoutMs: 20_000 });
    },
    kill,
  };
}

/** A port that nobody listens on. */
export async function findFreePort(): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return String(port);
}
