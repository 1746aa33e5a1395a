import type { Browser, Page } from 'playwright-core';
import { expect, onTestFinished } from 'vitest';
import { createCuttableLink } from '../../support/cuttableLink.ts';
import { until } from '../../support/until.ts';
import type { EditorName } from './shared.ts';

/** Somebody with a browser profile and a network of their own, who writes in one of the editors. */
export type Writer = {
  readonly page: Page;
  /** Types at the end of the text. */
  type(text: string): Promise<void>;
  /** Does so in bold. */
  typeBold(text: string): Promise<void>;
  /** The text that the editor shows, paragraphs joined. */
  shown(): Promise<string>;
  /** What the editor shows as bold. */
  bold(): Promise<string>;
  /** The names of the people who are here. */
  people(): Promise<string[]>;
  /** What the browser keeps for the time when there is no server. */
  kept(): Promise<string>;
  whenSynced(): Promise<void>;
  /** Loads the page again. */
  reload(): Promise<void>;
  /** Loses the connection, and gets no other. */
  goOffline(): Promise<void>;
  goOnline(): void;
};

export type WriterOptions = {
  readonly browser: Browser;
  /** Where the editors' page is. */
  readonly origin: string;
  /** Of the server. */
  readonly url: string;
  readonly name: string;
  readonly editor: EditorName;
  /** `<aggregate>/<id>/<text field>` */
  readonly room: string;
};

/** Opens the page; closed when the test has finished, which fails where the page had an error. */
export async function openWriter({ browser, origin, url, ...query }: WriterOptions): Promise<Writer> {
  const { name } = query;
  const link = await createCuttableLink(url);
  const context = await browser.newContext();
  const page = await context.newPage();
  const errors: string[] = [];
  page.on('pageerror', (error) => errors.push(error.stack ?? error.message));
  onTestFinished(async () => {
    await context.close();
    expect(errors).toEqual([]);
  });
  const content = page.locator('[contenteditable="true"]').first();
  const load = async (): Promise<void> => {
    const server = link.url.replace('http', 'ws');
    await page.goto(`${origin}/?${new URLSearchParams({ server, ...query }).toString()}`);
    await content.waitFor();
  };
  const goToEnd = async (): Promise<void> => {
    await content.focus();
    await page.keyboard.press('Control+End');
  };
  await load();

  return {
    page,
    type: async (text) => {
      await goToEnd();
      await page.keyboard.type(text, { delay: 1 });
    },
    typeBold: async (text) => {
      await goToEnd();
      await page.keyboard.press('Control+b');
      await page.keyboard.type(text, { delay: 1 });
    },
    shown: async () => (await content.evaluate(readParagraphs)).join(''),
    bold: async () => (await content.locator('strong').allTextContents()).join(''),
    people: () => page.evaluate(() => window.editors.people()),
    kept: () => page.evaluate(() => window.editors.readKept()),
    whenSynced: async () => {
      await until(() => page.evaluate(() => window.editors.isSynced()), { describe: `${name}’s sync` });
    },
    reload: load,
    goOffline: async () => {
      link.cut();
      await until(async () => !(await page.evaluate(() => window.editors.isConnected())), {
        describe: `the end of ${name}’s connection`,
      });
    },
    goOnline: link.mend,
  };
}

/** Runs in the page. The names at other people's cursors are not part of the text. */
function readParagraphs(content: HTMLElement | SVGElement): string[] {
  const cursors = '.cm-ySelectionCaret, .cm-widgetBuffer, .ProseMirror-yjs-cursor';
  const copy = content.cloneNode(true) as HTMLElement;
  for (const cursor of copy.querySelectorAll(cursors)) cursor.remove();
  return [...copy.children].map(({ textContent }) => textContent.replaceAll('\u2060', ''));
}
