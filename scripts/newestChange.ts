import { globSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';

const NOT_SOURCE = new Set(['node_modules', 'dist']);
const TEST = /\.test(-d)?\.tsx?$/;

/**
 * When the newest of these files and folders changed, in milliseconds since the epoch; -Infinity where none is there.
 * Folders are searched, and count themselves, so that a file that was removed is a change. Tests and what is built
 * do not count.
 */
export function newestChange(paths: readonly string[]): number {
  const found = globSync(
    paths.flatMap((path) => [path, join(path, '**')]),
    { exclude: (path) => NOT_SOURCE.has(basename(path)) || TEST.test(path) },
  );
  // A file may be gone between the search and the look at it: an editor saves by renaming.
  return Math.max(-Infinity, ...found.map((path) => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0));
}
