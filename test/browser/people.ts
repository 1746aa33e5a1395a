import type { Browser, BrowserContext, BrowserContextOptions, Locator, Page } from 'playwright-core';
import { expect, onTestFinished } from 'vitest';
import { until } from '../support/until.ts';

/** Somebody with a browser profile of their own, on one page of the notes app. */
export type Person = {
  readonly page: Page;
  readonly context: BrowserContext;
  readonly editor: Locator;
  readonly title: Locator;
  readonly dialog: Locator;
  /** What the badge shows. */
  saveState(): Promise<string | null>;
  whenSaved(): Promise<void>;
  whenOffline(): Promise<void>;
  /** The text in the editor, lines joined. */
  bodyText(): Promise<string>;
  /** Gives the title a value, as typing and Enter do. */
  retitle(title: string): Promise<void>;
  /** Opens a note by its address. */
  openNote(id: string): Promise<void>;
};

export type PersonOptions = {
  readonly browser: Browser;
  readonly url: string;
  readonly name: string;
  /** How the browser is set, such as its size or colour scheme. Default: a wide window. */
  readonly settings?: BrowserContextOptions | undefined;
};

const WIDE = { width: 1280, height: 860 };

/** Opens the page as a new visitor; closed when the test has finished, which fails where the page had an error. */
export async function visit({ browser, url, name, settings }: PersonOptions): Promise<Person> {
  const context = await browser.newContext({ viewport: WIDE, ...settings });
  await context.addInitScript((own) => localStorage.setItem('weft-notes.name', own), name);
  const page = await context.newPage();
  const errors: string[] = [];
  page.on('pageerror', (error) => errors.push(error.message));
  onTestFinished(async () => {
    await context.close();
    expect(errors).toEqual([]);
  });
  await page.goto(url);
  const badge = page.getByTestId('save-state');
  const editor = page.locator('.cm-content');
  const title = page.getByLabel('Title', { exact: true });
  const whenBadgeSays = async (word: string): Promise<void> => {
    await until(async () => (await badge.textContent())?.split(' · ')[0] === word, {
      describe: `${name}’s badge saying ${word}`,
    });
  };

  return {
    page,
    context,
    editor,
    title,
    dialog: page.getByRole('dialog', { name: 'Somebody changed this meanwhile' }),
    saveState: () => badge.textContent(),
    whenSaved: () => whenBadgeSays('Saved'),
    // With what waits beside it, where something does.
    whenOffline: () => whenBadgeSays('Offline'),
    bodyText: async () => (await page.locator('.cm-line').evaluateAll(readLines)).join('\n'),
    retitle: async (text) => {
      await title.fill(text);
      await title.press('Enter');
    },
    openNote: async (id) => {
      await page.goto(`${url}/#/notes/${id}`);
      await editor.waitFor();
    },
  };
}

/** Runs in the page. The names at other people's cursors are not part of the text. */
function readLines(lines: (HTMLElement | SVGElement)[]): string[] {
  return lines.map((line) => {
    const copy = line.cloneNode(true) as HTMLElement;
    for (const caret of copy.querySelectorAll('.cm-ySelectionCaret, .cm-widgetBuffer')) caret.remove();
    return (copy.textContent ?? '').replaceAll('\u2060', '');
  });
}
