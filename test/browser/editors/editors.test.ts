import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { launchChromium } from '../../support/chromium.ts';
import { call } from '../../support/httpClient.ts';
import { startServerProcess } from '../../support/serverProcess.ts';
import { until } from '../../support/until.ts';
import { servePage, type ServedPage } from '../servedPage.ts';
import type { EditorName } from './shared.ts';
import { openWriter, type Writer } from './writer.ts';

let browser: Browser;
let built: ServedPage;
beforeAll(async () => {
  [browser, built] = await Promise.all([launchChromium(), servePage(import.meta.dirname)]);
});
afterAll(async () => {
  await Promise.all([browser.close(), built.close()]);
});

/** Ada and Ben with an editor each on one text. */
async function openTogether(editor: EditorName, field: string) {
  const { origin } = built;
  const server = await startServerProcess({
    application: 'test/browser/editors/application.ts',
    environment: { WEFT_ORIGINS: origin },
  });
  await call(`${server.url}/api/document/d1`, 'PUT', { body: {} });
  const open = async (name: string) => {
    const room = `document/d1/${field}`;
    const writer = await openWriter({ browser, origin, url: server.url, name, editor, room });
    await writer.whenSynced();
    return writer;
  };
  const [ada, ben] = await Promise.all([open('Ada'), open('Ben')]);
  const readText = async () => (await call(`${server.url}/api/document/d1/texts/${field}`, 'GET')).text;
  return { server, ada, ben, readText };
}

/** Waits until both show the same, and until it is what the condition asks for. */
async function agree([one, other]: readonly [Writer, Writer], fits: (text: string) => boolean) {
  return until(
    async () => {
      const [shown, alsoShown] = await Promise.all([one.shown(), other.shown()]);
      return shown === alsoShown && fits(shown) && shown;
    },
    { describe: `the same text: ${fits.toString()}` },
  );
}

const sortLetters = (text: string): string => [...text].sort().join('');

describe.each<[EditorName, string]>([
  ['codemirror', 'body'],
  ['quill', 'body'],
  ['prosemirror', 'page'],
])('in %s', (editor, field) => {
  test('[TXT21] two people type at once, format, see each other, and each takes back only their own', async () => {
    const { ada, ben, readText } = await openTogether(editor, field);
    const adas = 'Ada writes this. ';
    const bens = 'Ben writes that. ';
    await Promise.all([ada.type(adas), ben.type(bens)]);
    const both = sortLetters(adas + bens);
    await agree([ada, ben], (text) => sortLetters(text) === both);
    await until(async () => (await ada.people()).includes('Ben'), { describe: 'Ben at Ada’s' });

    if (editor !== 'codemirror') {
      await ada.typeBold('bold');
      await until(async () => (await ben.bold()) === 'bold', { describe: 'bold at Ben’s' });
    }

    await until(
      async () => {
        await ada.page.keyboard.press('Control+z');
        return (await ben.shown()) === bens;
      },
      { describe: 'Ben’s words alone' },
    );
    await agree([ada, ben], (text) => text === bens);
    await until(async () => (await readText()).includes(bens), { describe: 'the stored text' });
  });

  test('[TXT21] what was typed offline is kept over a reload, merged, and goes on after a restart', async () => {
    const { server, ada, ben, readText } = await openTogether(editor, field);
    await ada.type('Before. ');
    await agree([ada, ben], (text) => text === 'Before. ');

    await ben.goOffline();
    await ben.type('Ben offline. ');
    await ada.type('Ada online. ');
    await until(async () => (await ben.kept()).includes('Ben offline. '), { describe: 'what is kept' });
    await ben.reload();
    expect(await ben.shown()).toBe('Before. Ben offline. ');
    expect(await ada.shown()).toBe('Before. Ada online. ');

    ben.goOnline();
    await ben.whenSynced();
    const merged = await agree(
      [ada, ben],
      (text) => text.includes('Ben offline. ') && text.includes('Ada online. '),
    );
    expect(merged).toHaveLength('Before. Ben offline. Ada online. '.length);
    await until(async () => (await readText()).includes(merged), { describe: 'the stored text' });

    await server.kill();
    await server.restart();
    await Promise.all([ada.whenSynced(), ben.whenSynced()]);
    await ben.type('And on.');
    await agree([ada, ben], (text) => text === `${merged}And on.`);
    await until(async () => (await readText()).includes(`${merged}And on.`), { describe: 'the stored text' });
  });
});
