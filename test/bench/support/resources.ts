import { mkdtempSync, rmSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';

/** What has to be ended or removed, the newest first; at the latest when this process ends, for whatever reason. */
export function createResources(): DisposableStack {
  const resources = new DisposableStack();
  process.once('exit', () => resources.dispose());
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => process.exit(128 + constants.signals[signal]));
  }
  return resources;
}

/** The path of an empty folder, removed with all its contents. */
export function createTemporaryFolder(resources: DisposableStack): string {
  const path = mkdtempSync(join(tmpdir(), 'weft-bench-'));
  // A server that was ended this moment may still be seen to write.
  resources.defer(() => rmSync(path, { recursive: true, force: true, maxRetries: 10 }));
  return path;
}
