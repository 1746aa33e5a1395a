import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { newestChange } from './newestChange.ts';

const ROOT = resolve(import.meta.dirname, '..');
const APP = resolve(ROOT, 'examples/notes');
const SOURCES = [APP, resolve(ROOT, 'client-sdk'), resolve(ROOT, 'package-lock.json')];

/** Builds the page of the notes app into examples/notes/dist, unless it is newer than all that it is made of. */
export async function buildPage(): Promise<void> {
  const built = statSync(resolve(APP, 'dist/index.html'), { throwIfNoEntry: false });
  if (built !== undefined && newestChange(SOURCES) < built.mtimeMs) return;
  console.log('Building the page …');
  // Loaded only here: it takes longer than everything else at a start.
  const { build } = await import('vite');
  await build({ root: APP, logLevel: 'error' });
}
