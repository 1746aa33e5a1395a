import { stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { build, preview } from 'vite';
import { newestChange } from '../../scripts/newestChange.ts';

const ROOT = resolve(import.meta.dirname, '../..');

/** A page of the tests' own, served apart from the server that it talks to, so that it loads without that. */
export type ServedPage = {
  /** `http://…`, without a path. */
  readonly origin: string;
  close(): Promise<void>;
};

/**
 * Builds the page of a folder, unless it is newer than that, the packages and these other folders that it is made of,
 * and serves it until it is closed.
 */
export async function servePage(folder: string, others: readonly string[] = []): Promise<ServedPage> {
  const sources = [
    folder,
    resolve(ROOT, 'package-lock.json'),
    ...others.map((other) => resolve(ROOT, other)),
  ];
  const built = await stat(join(folder, 'dist/index.html')).catch(() => undefined);
  if (built === undefined || newestChange(sources) >= built.mtimeMs) {
    await build({ root: folder, logLevel: 'error' });
  }
  const server = await preview({ root: folder, logLevel: 'error', preview: { host: '127.0.0.1', port: 0 } });
  const [url] = server.resolvedUrls?.local ?? [];
  if (url === undefined) throw new Error(`the page of ${folder} is served nowhere`);
  return { origin: new URL(url).origin, close: () => server.close() };
}
