import { globSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Peekable } from '@weft/client';
import type { AggregateDefinition } from '@weft/client/protocol';
import { createServer, openEventStore } from '@weft/server';
import type { Page } from 'playwright-core';
import { expect, onTestFinished, test } from 'vitest';
import { findChromium, launchChromium } from '../support/chromium.ts';
import { findFreePort, listTypeErrors, servePage } from '../support/exampleFolder.ts';
import { readPageFiles, writeFiles } from '../support/pageFiles.ts';
import { createTemporaryFolder } from '../support/temporaryFolder.ts';
import { until } from '../support/until.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const TUTORIAL = 'docs/tutorial/two-browsers.md';
const PLAIN_PAGE = 'docs/how-to/without-a-framework.md';

/** What a page takes from another one. */
const shared: [string, string][] = [
  ['note.ts', readPageFiles('docs/how-to/react.md').get('note.ts') ?? ''],
  ['bindTextarea.ts', readPageFiles('docs/how-to/editors.md').get('bindTextarea.ts') ?? ''],
];

/** Packages that the pages tell of and that are not installed here. */
const STRANGERS = ['@tiptap/*', 'prosemirror-commands', 'prosemirror-keymap', 'vue'];
const strangers = STRANGERS.map((name) => `declare module '${name}';`).join('\n');

const pages = globSync('docs/**/*.md', { cwd: ROOT }).filter((page) => readPageFiles(page).size > 0);

test('[DEF2] the files that the pages show have the types that they say', async () => {
  expect(pages.length).toBeGreaterThanOrEqual(5);
  const folder = await createTemporaryFolder();
  const settings = readPageFiles(TUTORIAL).get('tsconfig.json') ?? '';
  const files = pages.flatMap((page) =>
    [...new Map([...shared, ...readPageFiles(page)])].map(([path, content]): [string, string] => [
      join(basename(page, '.md'), path),
      content,
    ]),
  );
  writeFiles(folder, [['tsconfig.json', settings], ['strangers.d.ts', strangers], ...files]);
  expect(await listTypeErrors(folder)).toEqual([]);
}, 60_000);

test('[DEF2] a store for Svelte has the value at once and every other one after it', async () => {
  const folder = await createTemporaryFolder();
  writeFiles(folder, readPageFiles(PLAIN_PAGE));
  const { toReadable } = (await import(pathToFileURL(join(folder, 'toReadable.ts')).href)) as {
    toReadable: (source: Peekable<number>) => { subscribe(run: (value: number) => void): () => void };
  };
  let value = 1;
  let tell: () => void = () => undefined;
  const source: Peekable<number> = {
    peek: () => value,
    subscribe: (listener) => {
      tell = listener;
      return () => (tell = () => undefined);
    },
  };
  const seen: number[] = [];
  const stop = toReadable(source).subscribe((next) => seen.push(next));
  value = 2;
  tell();
  stop();
  tell();
  expect(seen).toEqual([1, 2]);
});

const bodyOf = (page: Page) => page.getByLabel('Text').inputValue();
const titleOf = (page: Page) => page.getByLabel('Title').inputValue();

test.skipIf(findChromium() === undefined)(
  '[HAN6] the page without a framework: two people type at once, and one is asked about the title',
  async () => {
    const port = await findFreePort();
    const folder = await createTemporaryFolder();
    const files = [...new Map([...shared, ...readPageFiles(PLAIN_PAGE)])];
    writeFiles(
      folder,
      files.map(([path, content]) => [path, content.replaceAll('8080', port)]),
    );
    const origin = await servePage(folder);
    const { note } = (await import(pathToFileURL(join(folder, 'note.ts')).href)) as {
      note: AggregateDefinition;
    };
    const server = await createServer({ aggregates: [note], port: Number(port), origins: [origin] });
    const browser = await launchChromium();
    onTestFinished(async () => {
      await browser.close();
      await server.close();
    });
    const open = async (name: string) => {
      const page = await (await browser.newContext()).newPage();
      await page.goto(`${origin}/?name=${name}`);
      await until(async () => (await titleOf(page)) === 'Untitled', { describe: `the note at ${name}’s` });
      return page;
    };
    const ada = await open('Ada');
    const ben = await open('Ben');

    await ada.getByLabel('Text').pressSequentially('Good morning');
    await until(async () => (await bodyOf(ben)) === 'Good morning', { describe: 'Ada’s words at Ben’s' });
    await ada.getByLabel('Text').press('Home');
    await ben.getByLabel('Text').press('End');
    await Promise.all([
      ada.getByLabel('Text').pressSequentially('Ada: '),
      ben.getByLabel('Text').pressSequentially(', says Ben'),
    ]);
    await until(
      async () => {
        const [adas, bens] = await Promise.all([bodyOf(ada), bodyOf(ben)]);
        return adas === bens && adas === 'Ada: Good morning, says Ben';
      },
      { describe: 'one text' },
    );

    await ben.getByLabel('Title').fill('');
    await ben.getByLabel('Title').blur();
    await ben.getByText('a note needs a title').waitFor();
    expect(await titleOf(ada)).toBe('Untitled');

    await ben.getByLabel('Title').fill('Untitled!');
    await ada.getByLabel('Title').fill('Ada’s');
    await ada.getByLabel('Title').blur();
    await until(async () => (await ada.getByRole('status').textContent()) === 'saved', {
      describe: 'Ada’s title being saved',
    });
    await ben.getByLabel('Title').blur();
    await ben.getByRole('button', { name: 'theirs' }).click();
    await until(async () => (await titleOf(ben)) === 'Ada’s', { describe: 'one title' });
  },
  60_000,
);

/** A page for what the how-to on signing in shows: it opens a session, and says when that is over. */
const SIGN_IN_MAIN = `
import { note } from './note.ts';
import { openSession } from './session.ts';
import { signOut, whenSignedOut } from './signOut.ts';

const session = openSession('ada');
const first = session.weft.note('first');
void whenSignedOut(session).then(() => (document.title = 'signed out'));
Object.assign(window, { first, session, signOut: () => signOut(session) });
`;

test.skipIf(findChromium() === undefined)(
  '[OFF6] the sign-out of the how-to forgets nothing before the server has what every tab had',
  async () => {
    const port = await findFreePort();
    const folder = await createTemporaryFolder();
    const files = [...new Map([...shared, ...readPageFiles('docs/how-to/sign-in.md')])];
    writeFiles(folder, [
      ['index.html', '<!doctype html><meta charset="utf-8" /><script type="module" src="main.ts"></script>'],
      ['main.ts', SIGN_IN_MAIN],
      ...files.map(([path, content]): [string, string] => [
        path,
        content.replace('location.origin', `'http://localhost:${port}'`),
      ]),
    ]);
    const origin = await servePage(folder);
    const { note } = (await import(pathToFileURL(join(folder, 'note.ts')).href)) as {
      note: AggregateDefinition;
    };
    await using resources = new AsyncDisposableStack();
    const store = resources.adopt(await openEventStore('memory:'), (opened) => opened.close());
    const start = () => createServer({ aggregates: [note], store, port: Number(port), origins: [origin] });
    const server = resources.use(await start());
    const browser = resources.adopt(await launchChromium(), (launched) => launched.close());
    const context = await browser.newContext();
    await context.route('**/token', (route) => route.fulfill({ body: 'Ada' }));
    await context.route('**/sign-out', (route) => route.fulfill({ status: 204 }));
    const open = async () => {
      const page = await context.newPage();
      await page.goto(origin);
      await page.waitForFunction('window.first?.peek().status !== "loading"');
      return page;
    };
    const one = await open();
    await one.evaluate('first.create({ title: "Plan" })');
    await one.evaluate('first.text("body").whenSynced().then(() => true)');
    const other = await open();
    const countDatabases = () =>
      one.evaluate(async () => {
        const databases = await indexedDB.databases();
        return databases.filter(({ name }) => name?.startsWith('weft:notes-ada')).length;
      });

    await server.close();
    await one.evaluate('first.text("body").ytext.insert(0, "not sent yet")');
    expect(await other.evaluate('signOut()')).toEqual({ status: 'offline', pending: 1 });
    for (const page of [one, other]) await page.waitForFunction('document.title === "signed out"');
    expect(await countDatabases()).toBeGreaterThan(0);

    const again = resources.use(await start());
    expect(await other.evaluate('signOut()')).toBeUndefined();
    const body = { aggregate: 'note', id: 'first', field: 'body' };
    expect(await again.texts.read(body)).toMatchObject({ text: 'not sent yet' });
    expect(await countDatabases()).toBe(0);
  },
  60_000,
);
