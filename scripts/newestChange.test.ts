import { mkdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import { createTemporaryFolder } from '../test/support/temporaryFolder.ts';
import { newestChange } from './newestChange.ts';

/** Writes files that changed at these seconds since the epoch; their folders changed at second 1. */
function writeFiles(root: string, files: Readonly<Record<string, number>>): void {
  for (const file of Object.keys(files)) {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), '');
  }
  for (const [file, seconds] of Object.entries(files)) {
    utimesSync(join(root, file), seconds, seconds);
    for (let folder = dirname(join(root, file)); folder.startsWith(root); folder = dirname(folder)) {
      utimesSync(folder, 1, 1);
    }
  }
}

it('is the time of the newest file, however deep', async () => {
  const folder = await createTemporaryFolder();
  writeFiles(folder, { 'a.ts': 100, 'page/deep/b.tsx': 300, 'page/c.ts': 200 });
  expect(newestChange([folder])).toBe(300_000);
  expect(newestChange([join(folder, 'a.ts'), join(folder, 'page/c.ts')])).toBe(200_000);
});

it('leaves out what is built or installed, and tests', async () => {
  const folder = await createTemporaryFolder();
  writeFiles(folder, {
    'a.ts': 100,
    'a.test.ts': 300,
    'a.test-d.ts': 300,
    'dist/index.html': 300,
    'node_modules/x/index.js': 300,
  });
  for (const left of ['dist', 'node_modules']) utimesSync(join(folder, left), 300, 300);
  expect(newestChange([folder])).toBe(100_000);
});

it('notices that a file was removed', async () => {
  const folder = await createTemporaryFolder();
  writeFiles(folder, { 'page/a.ts': 100, 'page/b.ts': 100 });
  const before = newestChange([folder]);
  rmSync(join(folder, 'page/b.ts'));
  expect(newestChange([folder])).toBeGreaterThan(before);
});

it('is -Infinity where nothing is there', async () => {
  const folder = await createTemporaryFolder();
  expect(newestChange([join(folder, 'nothing')])).toBe(-Infinity);
});
