import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { type Browser, chromium } from 'playwright-core';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome'];
/** How every browser of the tests is started. */
export const CHROMIUM_FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** The path of the installed browser, `WEFT_CHROMIUM` first; `undefined` where there is none. */
export function findChromium(): string | undefined {
  const folders = (process.env.PATH ?? '').split(delimiter);
  const onPath = folders.flatMap((folder) => NAMES.map((name) => join(folder, name)));
  return [process.env.WEFT_CHROMIUM, ...onPath].find((path) => path !== undefined && isExecutable(path));
}

/** Starts a headless browser of its own, which the caller closes (`await using`). */
export async function launchChromium(): Promise<Browser> {
  return chromium.launch({ executablePath: requireChromium(), headless: true, args: [...CHROMIUM_FLAGS] });
}

/** @throws where no browser is installed. */
export function requireChromium(): string {
  const path = findChromium();
  if (path === undefined) {
    throw new Error('No Chromium was found: install the package chromium, or set WEFT_CHROMIUM to its path.');
  }
  return path;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    // Not there or not ours to run: the next candidate decides.
    return false;
  }
}
