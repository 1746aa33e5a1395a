import { stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { build, preview } from 'vite';
import { newestChange } from '../../../scripts/newestChange.ts';

const ROOT = import.meta.dirname;
const SOURCES = [ROOT, resolve(ROOT, '../../../package-lock.json')];

/** The editors' page, served apart from the texts' server so that it can be loaded without that. */
export type BuiltEditors = {
  /** `http://…`, without a path. */
  readonly origin: string;
  close(): Promise<void>;
};

/** Builds the page, unless it is newer than all that it is made of, and serves it until it is closed. */
export async function serveEditors(): Promise<BuiltEditors> {
  const built = await stat(join(ROOT, 'dist/index.html')).catch(() => undefined);
  if (built === undefined || newestChange(SOURCES) >= built.mtimeMs) {
    await build({ root: ROOT, logLevel: 'error' });
  }
  const server = await preview({ root: ROOT, preview: { host: '127.0.0.1', port: 0 } });
  const [url] = server.resolvedUrls?.local ?? [];
  if (url === undefined) throw new Error('the editors’ page is served nowhere');
  return { origin: new URL(url).origin, close: () => server.close() };
}
