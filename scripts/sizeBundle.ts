import { gzipSync } from 'node:zlib';
import { isAbsolute, relative, resolve } from 'node:path';
import { build, type Rolldown } from 'vite';

const ROOT = resolve(import.meta.dirname, '..');
const CLIENT = resolve(ROOT, 'client-sdk');
const PAGE = '\0page';
// Peers, and what an application that uses Yjs and schemas has anyway; lib0 comes with yjs.
const BROUGHT_ALONG = ['yjs', 'lib0', 'zod', 'react', 'react-dom'];

/** What a page loads of the SDK, minified, as an application's bundler makes it. */
export type Bundle = {
  readonly bytes: number;
  /** By gzip, at its highest level. */
  readonly gzippedBytes: number;
  /** The files it is made of, from the repository's root, and what it leaves to the application to bring: `yjs`. */
  readonly modules: readonly string[];
  /** Of a file, by the end of its path: what of it is in the bundle, not minified; empty where nothing is. */
  codeOf(file: string): string;
};

/** Bundles everything that these entries of `@weft/client` export; `.` is the first of them. */
export async function bundleEntries(
  entries: readonly string[],
  leftOut: readonly string[] = [],
): Promise<Bundle> {
  const external = [...BROUGHT_ALONG, ...leftOut];
  const source = entries.map((entry) => `export * from '@weft/client${entry.slice(1)}';`).join('\n');
  const output = await build({
    root: CLIENT,
    configFile: false,
    logLevel: 'error',
    plugins: [
      {
        name: 'page',
        resolveId: (id) => (id === PAGE ? id : null),
        load: (id) => (id === PAGE ? source : null),
      },
    ],
    resolve: { conditions: ['weft-source', 'module', 'browser', 'import'] },
    build: {
      write: false,
      target: 'es2024',
      rolldownOptions: {
        input: PAGE,
        preserveEntrySignatures: 'strict',
        external: (id) => external.some((name) => id === name || id.startsWith(`${name}/`)),
      },
    },
  });
  return toBundle(chunksOf(output));
}

type Output = Awaited<ReturnType<typeof build>>;

function chunksOf(output: Output): Rolldown.OutputChunk[] {
  if ('on' in output) throw new Error('the bundler went on to watch');
  return [output].flat().flatMap((one) => one.output.filter((file) => file.type === 'chunk'));
}

function toBundle(chunks: readonly Rolldown.OutputChunk[]): Bundle {
  const sum = (sizeOf: (chunk: Rolldown.OutputChunk) => number) =>
    chunks.reduce((total, chunk) => total + sizeOf(chunk), 0);
  const files = new Map(chunks.flatMap(({ modules }) => Object.entries(modules)));
  return {
    bytes: sum(({ code }) => Buffer.byteLength(code)),
    gzippedBytes: sum(({ code }) => gzipSync(code, { level: 9 }).length),
    modules: [
      ...[...files.keys()].map((path) => (isAbsolute(path) ? relative(ROOT, path) : path)),
      ...chunks.flatMap(({ imports }) => imports),
    ],
    codeOf: (file) =>
      [...files].flatMap(([path, { code }]) => (path.endsWith(file) ? [code ?? ''] : [])).join('\n'),
  };
}
