import { type BrowserContext, chromium } from 'playwright-core';
import { CHROMIUM_FLAGS, requireChromium } from '../../support/chromium.ts';

/** A browser on a profile that stays on disk. */
export type OwnChromium = {
  readonly context: BrowserContext;
  /** Ends the browser's process at once, as a power cut does. */
  kill(): Promise<void>;
};

/** Starts one; whoever starts it closes its context, or kills it. */
export async function startOwnChromium(profile: string): Promise<OwnChromium> {
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: requireChromium(),
    headless: true,
    args: [...CHROMIUM_FLAGS],
  });
  const pid = await readPid(context);
  return {
    context,
    kill: async () => {
      const closed = context.waitForEvent('close');
      process.kill(pid, 'SIGKILL');
      await closed;
    },
  };
}

async function readPid(context: BrowserContext): Promise<number> {
  const session = await context.browser()?.newBrowserCDPSession();
  const info = await session?.send('SystemInfo.getProcessInfo');
  const pid = info?.processInfo.find(({ type }) => type === 'browser')?.id;
  if (pid === undefined) throw new Error('the browser does not tell its process');
  return pid;
}
