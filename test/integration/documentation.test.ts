import { spawn } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { text as readText } from 'node:stream/consumers';
import { expect, onTestFinished, test } from 'vitest';

const ROOT = resolve(import.meta.dirname, '../..');
const EXAMPLE = /<!-- run -->\s+```ts\n(?<code>[\s\S]*?)```/g;

const examples = ['README.md', ...globSync('docs/**/*.md', { cwd: ROOT })].flatMap((page) =>
  [...readFileSync(resolve(ROOT, page), 'utf8').matchAll(EXAMPLE)].map((match, index) => ({
    name: `${page}, example ${index + 1}`,
    code: match.groups?.code ?? '',
  })),
);

test('[DEF2] the pages have examples to run', () => {
  expect(examples.length).toBeGreaterThanOrEqual(3);
});

test.each(examples)('[DEF2] $name runs to its end', async ({ code }) => {
  const child = spawn(
    process.execPath,
    ['--conditions=weft-source', '--input-type=module-typescript', '--eval', code],
    { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  onTestFinished(() => void child.kill('SIGKILL'));
  const exit = new Promise<number | null>((done) => child.once('exit', done));
  const [exitCode, stdout, stderr] = await Promise.all([
    exit,
    readText(child.stdout),
    readText(child.stderr),
  ]);
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
  expect(stdout).not.toBe('');
});
