import { closeSync, fdatasyncSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { createTemporaryFolder } from './resources.ts';
import { median } from './statistics.ts';

const TRIES = 50;
const PAGE = Buffer.alloc(4096, 1);

/** Milliseconds that an `fdatasync` takes in the folder for temporary files, at this moment; a median. */
export function measureDiskTime(resources: DisposableStack): number {
  using own = resources.use(new DisposableStack());
  const file = openSync(join(createTemporaryFolder(own), 'pages'), 'w');
  const times = Array.from({ length: TRIES }, () => {
    writeSync(file, PAGE);
    const startedAt = performance.now();
    fdatasyncSync(file);
    return performance.now() - startedAt;
  });
  closeSync(file);
  return median(times);
}
