import { spawn } from 'node:child_process';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { text as readText } from 'node:stream/consumers';
import { expect, onTestFinished, test } from 'vitest';

const ROOT = resolve(import.meta.dirname, '../..');
const EXAMPLE = /<!-- run -->\s+```ts\n(?<code>[\s\S]*?)```/g;

const PAGES = [
  ...['README.md', 'CHANGELOG.md', 'client-sdk/README.md', 'server/README.md'],
  ...globSync('docs/**/*.md', { cwd: ROOT }),
];
const LINK = /\]\((?<file>[^)#\s]*)(?:#(?<heading>[^)\s]*))?\)/g;

const read = (page: string) => readFileSync(resolve(ROOT, page), 'utf8');

const examples = PAGES.flatMap((page) =>
  [...read(page).matchAll(EXAMPLE)].map((match, index) => ({
    name: `${page}, example ${index + 1}`,
    code: match.groups?.code ?? '',
  })),
);

test('[DEF2] the pages have examples to run', () => {
  expect(examples.length).toBeGreaterThanOrEqual(3);
});

test.each(examples)('[DEF2] $name runs to its end', async ({ code }) => {
  const child = spawn(
    process.execPath,
    ['--conditions=weft-source', '--input-type=module-typescript', '--eval', code],
    { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  onTestFinished(() => void child.kill('SIGKILL'));
  const exit = new Promise<number | null>((done) => child.once('exit', done));
  const [exitCode, stdout, stderr] = await Promise.all([
    exit,
    readText(child.stdout),
    readText(child.stderr),
  ]);
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
  expect(stdout).not.toBe('');
});

test('[DEF2] every link from page to page leads to a file, and to a heading that is there', () => {
  const links = PAGES.flatMap((page) => listLinks(page));
  expect(links.length).toBeGreaterThan(100);
  expect(links.filter(({ target, heading }) => !exists(target, heading))).toEqual([]);
});

/** To files of this repository, from code blocks aside. */
function listLinks(page: string) {
  const prose = read(page).replaceAll(/^ *```[\s\S]*?^ *```/gm, '');
  return [...prose.matchAll(LINK)].flatMap(({ groups }) => {
    const { file = '', heading } = groups ?? {};
    if (file.includes(':')) return [];
    return { page, target: file === '' ? page : join(dirname(page), file), heading };
  });
}

function exists(target: string, heading: string | undefined): boolean {
  if (!existsSync(resolve(ROOT, target))) return false;
  return heading === undefined || listHeadings(target).includes(heading);
}

/** As they are linked to. */
function listHeadings(page: string): string[] {
  const prose = read(page).replaceAll(/^ *```[\s\S]*?^ *```/gm, '');
  return [...prose.matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}
