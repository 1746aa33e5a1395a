import { randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text as readText } from 'node:stream/consumers';
import { expect, onTestFinished, test } from 'vitest';
import { call } from '../support/httpClient.ts';
import { spawnServer, startServerProcess } from '../support/serverProcess.ts';
import { createTemporaryFolder } from '../support/temporaryFolder.ts';

type Ended = { readonly code: number | null; readonly stdout: string; readonly stderr: string };

/** Starts a server that is expected to refuse, and waits for its end. */
async function startRefused(environment: Record<string, string>, application?: string) {
  const child = spawnServer({ PORT: '0', WEFT_STORE: 'memory:', ...environment }, application);
  onTestFinished(() => void child.kill('SIGKILL'));
  const exit = new Promise<number | null>((resolve) => child.once('exit', resolve));
  const [code, stdout, stderr] = await Promise.all([exit, readText(child.stdout), readText(child.stderr)]);
  return { code, stdout, stderr } satisfies Ended;
}

function expectOneLine(ended: Ended, about: string): void {
  expect(ended.code).toBe(1);
  expect(ended.stdout).toBe('');
  expect(ended.stderr).toMatch(/^weft: [^\n]+\n$/);
  expect(ended.stderr).toContain(about);
}

test('[OPS1] a port in use ends the start with one line', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  onTestFinished(() => void other.close());
  await new Promise((resolve) => other.once('listening', resolve));
  const { port } = other.address() as AddressInfo;
  expectOneLine(await startRefused({ PORT: String(port) }), `port ${port}`);
});

test.each([
  ['an unknown setting', { WEFT_STOER: 'memory:' }, 'WEFT_STOER'],
  ['a malformed setting', { PORT: 'http' }, 'PORT'],
  ['an unknown kind of store', { WEFT_STORE: 'mysql:x' }, 'sqlite:'],
  ['an address of another machine', { HOST: '192.0.2.1', WEFT_AUTH: 'none' }, '192.0.2.1'],
  ['names without proof on an open address', { HOST: '0.0.0.0' }, 'WEFT_AUTH'],
])('[OPS1] [AUT3] %s ends the start with one line', async (_case, environment, about) => {
  expectOneLine(await startRefused(environment), about);
});

test('[OPS1] an application that is not there, or is none, ends the start with one line', async () => {
  expectOneLine(await startRefused({}, 'examples/notes/nothing.ts'), 'examples/notes/nothing.ts');
  expectOneLine(await startRefused({}, 'examples/notes/note.ts'), 'must export an application');
});

test('[OPS1] [EVS9] a folder that cannot be written ends the start with one line', async () => {
  expectOneLine(await startRefused({ WEFT_STORE: 'sqlite:/proc/weft/weft.db' }), '/proc/weft');
});

test('[OPS1] [EVS9] a file of something else, or a damaged one, ends the start and stays as it is', async () => {
  const folder = await createTemporaryFolder();
  const path = join(folder, 'weft.db');
  const junk = randomBytes(20_000);
  await writeFile(path, junk);
  expectOneLine(await startRefused({ WEFT_STORE: `sqlite:${path}` }), path);
  expect((await readFile(path)).equals(junk)).toBe(true);

  const data = join(folder, 'data');
  await mkdir(data);
  const server = await startServerProcess({ folder: data });
  await call(`${server.url}/api/note/n1`, 'PUT', { body: { title: 'x'.repeat(200) } });
  await server.stop();
  const store = join(data, 'weft.db');
  const bytes = await readFile(store);
  bytes.fill(0xa5, 4096, bytes.length);
  await writeFile(store, bytes);
  expectOneLine(await startRefused({ WEFT_STORE: `sqlite:${store}` }), store);
  expect((await readFile(store)).equals(bytes)).toBe(true);
});

test('[OPS1] [EVS9] a second server on the same file ends with one line, and the first goes on', async () => {
  const folder = await createTemporaryFolder();
  const first = await startServerProcess({ folder });
  expectOneLine(await startRefused({ WEFT_STORE: `sqlite:${join(folder, 'weft.db')}` }), 'weft.db');
  expect((await call(`${first.url}/api/note/n1`, 'PUT', { body: { title: 'x' } })).status).toBe(201);
});

test('[OPS2] a server that is asked to stop ends in order', async () => {
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    const server = await startServerProcess();
    await call(`${server.url}/api/note/n1`, 'PUT', { body: { title: 'x' } });
    expect(await server.stop(signal)).toBe(0);
  }
});

test('[AUT4] no token is written to a log', async () => {
  const server = await startServerProcess({ environment: { WEFT_LOG: 'debug' } });
  const headers = { Authorization: 'Bearer very-secret-token' };
  await call(`${server.url}/api/note/n1`, 'PUT', { body: '{', headers });
  await call(`${server.url}/api/note/n1?token=very-secret-token`, 'GET', { headers });
  await call(`${server.url}/yjs/note/n1/body?token=very-secret-token`, 'GET');
  await server.stop();
  expect(server.output()).not.toContain('very-secret-token');
});
