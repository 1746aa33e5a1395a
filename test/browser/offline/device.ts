import type { Browser, BrowserContext, Page } from 'playwright-core';
import { onTestFinished } from 'vitest';
import { createCuttableLink } from '../../support/cuttableLink.ts';
import { createTemporaryFolder } from '../../support/temporaryFolder.ts';
import { until } from '../../support/until.ts';
import type { Shown } from './offlinePage.ts';
import { startOwnChromium } from './ownChromium.ts';

/** One person's browser, with a network of its own. */
export type Device = {
  /** Opens the page once more, beside what is open. */
  openTab(): Promise<Page>;
  /** Ends the browser at once and starts it anew, without pages. Only of a device that survives that. */
  restart(): Promise<void>;
  goOffline(): Promise<void>;
  goOnline(): Promise<void>;
};

export type DeviceOptions = {
  /** Where the page is. */
  readonly origin: string;
  /** Of the server. */
  readonly url: string;
  readonly name: string;
};

/** A profile in a browser that is there; gone when the test has finished. */
export async function createDevice(browser: Browser, options: DeviceOptions): Promise<Device> {
  const context = await browser.newContext();
  onTestFinished(() => context.close());
  return toDevice(options, {
    context: () => context,
    restart: () => Promise.reject(new Error('it is one of many profiles in its browser')),
  });
}

/** A browser of its own, whose profile is on disk; gone when the test has finished. */
export async function createDeviceOnDisk(options: DeviceOptions): Promise<Device> {
  const profile = await createTemporaryFolder();
  let chromium = await startOwnChromium(profile);
  onTestFinished(() => chromium.context.close());
  return toDevice(options, {
    context: () => chromium.context,
    restart: async () => {
      await chromium.kill();
      chromium = await startOwnChromium(profile);
    },
  });
}

type Profile = { readonly context: () => BrowserContext; restart(): Promise<void> };

async function toDevice({ origin, url, name }: DeviceOptions, profile: Profile): Promise<Device> {
  const link = await createCuttableLink(url);
  const address = `${origin}/?${new URLSearchParams({ server: link.url, name }).toString()}`;
  const pages = (): Page[] =>
    profile
      .context()
      .pages()
      .filter((page) => page.url().startsWith(origin));

  return {
    openTab: async () => {
      const page = await profile.context().newPage();
      await page.goto(address);
      return page;
    },
    restart: profile.restart,
    goOffline: async () => {
      link.cut();
      for (const page of pages()) await whenShown(page, ({ connection }) => connection !== 'online');
    },
    goOnline: async () => {
      link.mend();
      // As one presses 'try now': the client's own next attempt may be seconds away.
      for (const page of pages()) await page.evaluate(() => window.offline.weft.connection.reconnect());
    },
  };
}

/** Ends the page's process; what it had not kept is gone. */
export async function crash(page: Page): Promise<void> {
  const crashed = page.waitForEvent('crash');
  const session = await page.context().newCDPSession(page);
  // It never answers: who would is gone.
  void session.send('Page.crash').catch(() => undefined);
  await crashed;
  await page.close();
}

export function show(page: Page): Promise<Shown> {
  return page.evaluate(() => window.offline.show());
}

/** Waits until what the page shows is as it is described, and resolves to it. */
export async function whenShown(page: Page, fits: (shown: Shown) => boolean): Promise<Shown> {
  let last: Shown | undefined;
  try {
    return await until(
      async () => {
        last = await show(page);
        return fits(last) && last;
      },
      { describe: fits.toString() },
    );
  } catch (error) {
    throw new Error(`it shows ${JSON.stringify(last)}`, { cause: error });
  }
}
