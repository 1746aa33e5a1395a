import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/** The path of an empty folder of the test's own, removed with all its contents when the test has finished. */
export async function createTemporaryFolder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'weft-'));
  onTestFinished(() => rm(path, { recursive: true, force: true }));
  return path;
}
