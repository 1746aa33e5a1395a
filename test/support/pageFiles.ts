import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

const ROOT = resolve(import.meta.dirname, '../..');
const FILE = /^( *)```\w+ file=(?<path>\S+)\n(?<content>[\s\S]*?)^ *```$/gm;

/** The files that a page of the documentation shows: its code blocks with a name, such as ```` ```ts file=server.ts ````. */
export function readPageFiles(page: string): ReadonlyMap<string, string> {
  const text = readFileSync(resolve(ROOT, page), 'utf8');
  const files = new Map<string, string>();
  for (const { groups } of text.matchAll(FILE)) {
    const { path = '', content = '' } = groups ?? {};
    if (files.has(path)) throw new Error(`${page} shows ${path} twice`);
    files.set(path, content);
  }
  return files;
}

/** Writes files into a folder that sees the packages of this repository, ours included, as if it had installed them. */
export function writeFiles(folder: string, files: Iterable<readonly [string, string]>): void {
  const packages = join(folder, 'node_modules');
  if (!existsSync(packages)) symlinkSync(resolve(ROOT, 'node_modules'), packages);
  for (const [path, content] of files) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
}
