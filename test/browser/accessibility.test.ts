import axe from 'axe-core';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launchChromium } from '../support/chromium.ts';
import { call } from '../support/httpClient.ts';
import { startServerProcess } from '../support/serverProcess.ts';
import { visit } from './people.ts';

let browser: Browser;
beforeAll(async () => {
  browser = await launchChromium();
});
afterAll(async () => {
  await browser.close();
});

const STANDARDS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa'];

/** What breaks the standards, as `rule: element`. */
async function listViolations(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const result = await page.evaluate<axe.AxeResults>(
    `axe.run(document, { runOnly: ${JSON.stringify(STANDARDS)} })`,
  );
  return result.violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`));
}

const WIDE = { width: 1280, height: 860 };
const NARROW = { width: 390, height: 844 };

test.each([
  ['wide', 'light', WIDE],
  ['wide', 'dark', WIDE],
  ['narrow', 'light', NARROW],
  ['narrow', 'dark', NARROW],
] as const)('[APP7] a %s and %s page breaks nothing on any screen', async (_size, colorScheme, viewport) => {
  const server = await startServerProcess();
  const settings = { colorScheme, viewport, reducedMotion: 'reduce' as const };
  const ada = await visit({ browser, url: server.url, name: 'Ada', settings });
  await ada.page.getByText('No notes yet').waitFor();
  expect(await listViolations(ada.page)).toEqual([]);

  const body = { title: 'Plan', status: 'in-progress', tags: ['one', 'two'], assignee: 'Ben', priority: 4 };
  await call(`${server.url}/api/note/n1`, 'PUT', { body });
  await call(`${server.url}/api/note/n2`, 'PUT', { body: { title: 'Other', status: 'done' } });
  await ada.page.getByRole('link', { name: 'Plan' }).waitFor();
  expect(await listViolations(ada.page)).toEqual([]);

  await ada.openNote('n1');
  await ada.whenSaved();
  expect(await listViolations(ada.page)).toEqual([]);

  await ada.title.fill('Ada’s plan');
  await call(`${server.url}/api/note/n1`, 'PATCH', { body: { title: 'Their plan' } });
  await ada.title.press('Enter');
  await ada.dialog.waitFor();
  await ada.dialog.getByRole('button', { name: 'Edit' }).click();
  expect(await listViolations(ada.page)).toEqual([]);

  await ada.page.keyboard.press('Escape');
  await server.kill();
  await ada.page.getByTestId('save-state').getByText('Offline').waitFor();
  expect(await listViolations(ada.page)).toEqual([]);
});
