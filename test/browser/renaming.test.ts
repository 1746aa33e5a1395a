import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launchChromium } from '../support/chromium.ts';
import { call } from '../support/httpClient.ts';
import { startServerProcess } from '../support/serverProcess.ts';
import { until } from '../support/until.ts';
import { type Person, visit } from './people.ts';

let browser: Browser;
beforeAll(async () => {
  browser = await launchChromium();
});
afterAll(async () => {
  await browser.close();
});

async function rename({ page }: Person, name: string): Promise<void> {
  await page.getByRole('button', { name: /Change your name/ }).click();
  await page.getByLabel('Your name').fill(name);
  await page.getByRole('button', { name: 'Use name' }).click();
}

test('[CHK3] whoever takes another name goes on as another person, with nothing of the first one left behind', async () => {
  const server = await startServerProcess();
  await call(`${server.url}/api/note/n1`, 'PUT', { body: { title: 'Plan' } });
  const ada = await visit({ browser, url: server.url, name: 'Ada' });
  const ben = await visit({ browser, url: server.url, name: 'Ben' });
  await Promise.all([ada.openNote('n1'), ben.openNote('n1')]);
  await ada.editor.click();
  await ada.page.keyboard.type('by Ada');
  await ada.context.setOffline(true);
  await ada.whenOffline();
  await ada.retitle('Ada’s plan');
  await rename(ada, 'Grace');
  await ada.page.getByText('Not before everything is saved and decided.').waitFor();
  await ada.page.keyboard.press('Escape');

  await ada.context.setOffline(false);
  await ada.whenSaved();
  await rename(ada, 'Grace');
  await ada.editor.click();
  await ada.page.keyboard.press('Control+End');
  await ada.page.keyboard.type(' and Grace');
  await ada.whenSaved();
  const here = ben.page.getByRole('list', { name: 'People here' });
  await here.getByLabel('Grace').waitFor();
  await here.getByLabel('Ada').waitFor({ state: 'detached' });
  await until(async () => (await ben.bodyText()) === 'by Ada and Grace', { describe: 'the text at Ben’s' });
  expect(await ben.title.inputValue()).toBe('Ada’s plan');
});
