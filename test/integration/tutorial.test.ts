import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { createClient } from '@weft/client';
import type { AggregateDefinition } from '@weft/client/protocol';
import type { Page } from 'playwright-core';
import { expect, onTestFinished, test } from 'vitest';
import { findChromium, launchChromium } from '../support/chromium.ts';
import { findFreePort, servePage, startProgram } from '../support/exampleFolder.ts';
import { readPageFiles, writeFiles } from '../support/pageFiles.ts';
import { createTemporaryFolder } from '../support/temporaryFolder.ts';
import { until } from '../support/until.ts';

const TUTORIAL = 'docs/tutorial/two-browsers.md';
const SERVER_PORT = '8080';
const PAGE_ORIGIN = 'http://localhost:5173';

/** A folder with what the tutorial shows, with another port for the server. */
async function followTutorial(port: string) {
  const files = [...readPageFiles(TUTORIAL)];
  expect(files.some(([, content]) => content.includes(`localhost:${SERVER_PORT}`))).toBe(true);
  const folder = await createTemporaryFolder();
  writeFiles(
    folder,
    files.map(([path, content]) => [path, content.replaceAll(SERVER_PORT, port)]),
  );
  return folder;
}

/** Opens the page as somebody, in a browser of their own; the test fails where the page has an error. */
async function openPage(origin: string, name: string) {
  const browser = await launchChromium();
  const page = await browser.newPage();
  const errors: string[] = [];
  page.on('pageerror', (error) => errors.push(error.message));
  page.on('dialog', (dialog) => void dialog.accept());
  onTestFinished(async () => {
    await browser.close();
    expect(errors).toEqual([]);
  });
  await page.goto(`${origin}/?name=${name}`);
  return page;
}

const titleOf = (page: Page) => page.getByLabel('Title').inputValue();

/** Without the names at other people's cursors. */
function textOf(page: Page): Promise<string> {
  return page.locator('.cm-content').evaluate((content) => {
    const copy = content.cloneNode(true) as HTMLElement;
    for (const caret of copy.querySelectorAll('.cm-ySelectionCaret, .cm-widgetBuffer')) caret.remove();
    return copy.textContent ?? '';
  });
}

async function whenStatus(page: Page, part: string) {
  await until(async () => (await page.getByRole('status').textContent())?.includes(part), {
    describe: `the status “${part}”`,
    timeoutMs: 20_000,
  });
}

async function retitle(page: Page, title: string) {
  await page.getByLabel('Title').fill(title);
  await page.getByLabel('Title').blur();
}

async function type(page: Page, text: string) {
  await page.locator('.cm-content').click();
  await page.keyboard.press('Control+End');
  await page.keyboard.type(text);
}

test('[DEF2] the server of the tutorial brings two clients together', async () => {
  const port = await findFreePort();
  const folder = await followTutorial(port);
  const server = startProgram(folder, 'server.ts');
  await server.whenPrinted('The server is at');
  const { note } = (await import(pathToFileURL(join(folder, 'note.ts')).href)) as {
    note: AggregateDefinition;
  };
  const connect = (token: string) =>
    createClient({ url: `http://localhost:${port}`, aggregates: [note], token });
  await using ada = connect('Ada');
  await using ben = connect('Ben');

  await ada.open(note, 'first').create({ title: 'Untitled' });
  const bens = ben.open(note, 'first');
  await bens.whenReady();
  expect(bens.fields).toEqual({ title: 'Untitled' });
  expect(await bens.change({ title: ' ' })).toMatchObject({
    outcome: 'rejected',
    errors: [{ message: 'a note needs a title' }],
  });
});

test.skipIf(findChromium() === undefined)(
  '[OFF2] two browsers follow the tutorial to its end',
  async () => {
    const port = await findFreePort();
    const folder = await followTutorial(port);
    const origin = await servePage(folder);
    const serverFile = readPageFiles(TUTORIAL).get('server.ts') ?? '';
    expect(serverFile).toContain(PAGE_ORIGIN);
    writeFiles(folder, [['server.ts', serverFile.replace(SERVER_PORT, port).replace(PAGE_ORIGIN, origin)]]);
    const server = startProgram(folder, 'server.ts');
    await server.whenPrinted('The server is at');
    const [ada, ben] = await Promise.all([openPage(origin, 'Ada'), openPage(origin, 'Ben')]);

    // Together
    await ada.getByRole('button', { name: 'Create the note' }).click();
    await until(async () => (await titleOf(ben)) === 'Untitled', { describe: 'the note at Ben’s' });
    await type(ada, 'Ada. ');
    await until(async () => (await textOf(ben)).includes('Ada. '), { describe: 'Ada’s words at Ben’s' });
    await ben.locator('.cm-ySelectionCaret').waitFor({ state: 'attached' });
    await Promise.all([ada, ben].map((page) => whenStatus(page, 'saved, kept on this device')));
    await retitle(ada, '');
    await ada.getByText('a note needs a title').waitFor();
    expect([await titleOf(ada), await titleOf(ben)]).toEqual(['', 'Untitled']);
    await ada.getByLabel('Title').press('Escape');
    expect(await titleOf(ada)).toBe('Untitled');
    expect(await ada.getByText('a note needs a title').count()).toBe(0);

    // Without a server
    await server.kill();
    await Promise.all([ada, ben].map((page) => whenStatus(page, 'offline')));
    await type(ada, 'Ada alone. ');
    await type(ben, 'Ben alone. ');
    await retitle(ada, 'Ada’s plan');
    await whenStatus(ada, '(2 waiting)');
    await ada.reload();
    await until(async () => (await titleOf(ada)) === 'Ada’s plan', { describe: 'the title on the device' });
    await until(async () => (await textOf(ada)).includes('Ada alone. '), {
      describe: 'the text on the device',
    });
    await retitle(ben, 'Ben’s plan');

    // A conflict
    const again = startProgram(folder, 'server.ts');
    await again.whenPrinted('The server is at');
    const asked = await Promise.any([ada, ben].map((page) => whenAsked(page)));
    expect(await asked.getByRole('alert').textContent()).toContain('The title was “Untitled”.');
    await asked.getByRole('button', { name: 'Take mine' }).click();
    await until(
      async () => {
        const [titles, texts] = [
          await Promise.all([ada, ben].map(titleOf)),
          await Promise.all([ada, ben].map(textOf)),
        ];
        const isOne = titles[0] === titles[1] && texts[0] === texts[1];
        return isOne && ['Ada alone. ', 'Ben alone. '].every((part) => texts[0]?.includes(part));
      },
      { describe: 'one title and one text', timeoutMs: 20_000 },
    );
    expect(await titleOf(ada)).toBe(asked === ada ? 'Ada’s plan' : 'Ben’s plan');

    // What is on the device
    const databases = await ada.evaluate(async () => (await indexedDB.databases()).map(({ name }) => name));
    expect(databases.filter((name) => name?.startsWith('weft:two-browsers-Ada'))).not.toEqual([]);
  },
  90_000,
);

async function whenAsked(page: Page): Promise<Page> {
  await page.getByRole('alert').waitFor({ timeout: 30_000 });
  return page;
}
