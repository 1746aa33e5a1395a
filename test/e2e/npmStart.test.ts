import { spawn } from 'node:child_process';
import { resolve } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { until } from '../support/until.ts';

const ROOT = resolve(import.meta.dirname, '../..');

test('[OPS4] [OPS2] npm start serves the page, and ends in order when npm is asked to stop', async () => {
  const npm = spawn('npm', ['start'], {
    cwd: ROOT,
    env: { PATH: process.env.PATH, HOME: process.env.HOME, PORT: '0', WEFT_STORE: 'memory:' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [npm.stdout, npm.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  }
  onTestFinished(() => void npm.kill());

  const url = await until(() => /http:\/\/127\.0\.0\.1:\d+/.exec(output)?.[0], {
    describe: 'the address of the page',
    timeoutMs: 30_000,
  });
  const page = await (await fetch(url)).text();
  const script = /<script [^>]*src="(?<path>[^"]+)"/.exec(page)?.groups?.path;
  expect(script, page).toBeDefined();
  const answer = await fetch(new URL(script ?? '', url));
  expect(answer.status).toBe(200);
  expect(answer.headers.get('Content-Type')).toContain('javascript');

  npm.kill('SIGTERM');
  await until(() => npm.exitCode !== null || npm.signalCode !== null, { describe: 'the end of npm start' });
  expect(npm.exitCode, output).toBe(0);
  await expect(fetch(url)).rejects.toThrow();
});
