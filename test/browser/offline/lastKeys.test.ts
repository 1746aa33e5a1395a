import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launchChromium } from '../../support/chromium.ts';
import { servePage, type ServedPage } from '../servedPage.ts';
import { createDevice, whenShown } from './device.ts';
import { meet } from './meeting.ts';

let browser: Browser;
let served: ServedPage;
beforeAll(async () => {
  [browser, served] = await Promise.all([launchChromium(), servePage(import.meta.dirname, ['client-sdk'])]);
});
afterAll(async () => {
  await Promise.all([browser.close(), served.close()]);
});

const RELOADS = 15;

/** Presses the keys, and reloads the page as soon as the last one is pressed. */
async function typeAndReload(page: Page, typed: string): Promise<void> {
  await page.evaluate(() => {
    const textarea = document.querySelector('textarea');
    if (textarea) textarea.value = window.offline.open().text.ytext.toJSON();
    textarea?.focus();
  });
  await page.keyboard.type(typed);
  await page.reload();
}

/** Edits, and leaves the page in the same task. */
async function editAndLeave(page: Page, typed: string): Promise<void> {
  const left = page.waitForEvent('load');
  await page.evaluate((text) => {
    const { ytext } = window.offline.open().text;
    ytext.insert(ytext.length, text);
    location.reload();
  }, typed);
  await left;
}

test.each([
  ['real keys', typeAndReload],
  ['an edit in the task that leaves the page', editAndLeave],
])(
  '[OFF6] no last edit is lost by a reload without a connection, after %s',
  async (_what, leave) => {
    const { url } = await meet(served.origin);
    const device = await createDevice(browser, { origin: served.origin, url, name: 'Ada' });
    const page = await device.openTab();
    let whole = 'Before. ';
    await whenShown(page, ({ freshness, text }) => freshness === 'live' && text === whole);
    await device.goOffline();
    for (let round = 1; round <= RELOADS; round++) {
      const typed = `S${round};`;
      await leave(page, typed);
      whole += typed;
      expect((await whenShown(page, ({ text }) => text.length >= whole.length)).text).toBe(whole);
    }
    const { saveState } = await whenShown(page, ({ connection }) => connection !== 'online');
    expect(saveState).toEqual({ status: 'offline', pending: 1 });
  },
  60_000,
);
