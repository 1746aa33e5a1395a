import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
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

/** Ada and Ben on one note that is there. */
async function openTogether() {
  const server = await startServerProcess();
  await call(`${server.url}/api/note/n1`, 'PUT', { body: { title: 'Plan' } });
  const ada = await visit({ browser, url: server.url, name: 'Ada' });
  const ben = await visit({ browser, url: server.url, name: 'Ben' });
  await Promise.all([ada.openNote('n1'), ben.openNote('n1')]);
  await Promise.all([ada.whenSaved(), ben.whenSaved()]);
  const readNote = async () =>
    (await call(`${server.url}/api/note/n1`, 'GET')).json as { fields: Record<string, unknown> };
  const readBody = async () => (await call(`${server.url}/api/note/n1/texts/body`, 'GET')).text;
  return { server, ada, ben, readNote, readBody };
}

/** Ben begins to change the title, Ada is first, and Ben's dialog opens. */
async function makeTitleConflict({ ada, ben }: { ada: Person; ben: Person }) {
  await ben.title.fill('Ben’s plan');
  await ada.retitle('Ada’s plan');
  await ada.whenSaved();
  await ben.page.getByRole('link', { name: /Ada’s plan/ }).waitFor();
  await ben.title.press('Enter');
  await ben.dialog.waitFor();
}

test('[APP1] two people type into one note at once, and both see both texts', async () => {
  const { ada, ben, readBody } = await openTogether();
  await ada.editor.click();
  await ben.editor.click();
  await Promise.all([
    ada.page.keyboard.type('Ada writes this. ', { delay: 5 }),
    ben.page.keyboard.type('Ben writes that. ', { delay: 5 }),
  ]);
  await Promise.all([ada.whenSaved(), ben.whenSaved()]);
  await until(async () => (await ada.bodyText()) === (await ben.bodyText()), { describe: 'the same text' });
  const text = await ada.bodyText();
  expect([...text].sort()).toEqual([...'Ada writes this. Ben writes that. '].sort());
  expect(await readBody()).toBe(text);
  await ada.page.locator('.cm-ySelectionInfo', { hasText: 'Ben' }).waitFor({ state: 'attached' });
  await ada.page.getByRole('list', { name: 'People here' }).getByLabel('Ben').waitFor();
});

test('[APP2] the second to change a title is asked, with what was seen, is there and was wanted', async () => {
  const { ada, ben } = await openTogether();
  await makeTitleConflict({ ada, ben });
  const value = (which: string) => ben.dialog.getByTestId(which).textContent();
  expect(await value('was')).toContain('Plan');
  expect(await value('was')).not.toContain('’s');
  expect(await value('is')).toContain('Ada’s plan');
  expect(await value('is')).toMatch(/Ada,/);
  expect(await value('want')).toContain('Ben’s plan');
  expect(await ada.dialog.isVisible()).toBe(false);
});

test.each([
  ['Keep mine', undefined, 'Ben’s plan'],
  ['Take theirs', undefined, 'Ada’s plan'],
  ['Edit', 'Our plan', 'Our plan'],
])('[APP2] [HAN5] the answer "%s" works', async (answer, edited, title) => {
  const { ada, ben, readNote } = await openTogether();
  await makeTitleConflict({ ada, ben });
  await ben.dialog.getByRole('button', { name: answer }).click();
  if (edited !== undefined) {
    await ben.dialog.getByLabel('New value of title').fill(edited);
    await ben.dialog.getByRole('button', { name: 'Apply' }).click();
  }
  await ben.dialog.waitFor({ state: 'hidden' });
  await until(async () => (await ada.title.inputValue()) === title, { describe: 'the title at Ada’s' });
  expect(await ben.title.inputValue()).toBe(title);
  await ben.whenSaved();
  expect((await readNote()).fields).toMatchObject({ title });
});

test('[APP2] a conflict can be decided later', async () => {
  const { ada, ben } = await openTogether();
  await makeTitleConflict({ ada, ben });
  await ben.page.keyboard.press('Escape');
  await ben.dialog.waitFor({ state: 'hidden' });
  expect(await ben.title.inputValue()).toBe('Ada’s plan');
  await ben.page.getByRole('button', { name: /1 conflict/ }).click();
  await ben.dialog.getByRole('button', { name: 'Take theirs' }).click();
  await ben.dialog.waitFor({ state: 'hidden' });
});

test('[APP3] different fields changed from one state are no conflict', async () => {
  const { ada, ben, readNote } = await openTogether();
  await ben.title.fill('Ben’s plan');
  await ada.page.getByLabel('Status', { exact: true }).selectOption('done');
  await ada.whenSaved();
  await ben.title.press('Enter');
  await ben.whenSaved();
  await until(async () => (await ada.title.inputValue()) === 'Ben’s plan', {
    describe: 'the title at Ada’s',
  });
  expect(await ben.page.getByLabel('Status', { exact: true }).inputValue()).toBe('done');
  expect(await ben.dialog.isVisible()).toBe(false);
  expect((await readNote()).fields).toMatchObject({ title: 'Ben’s plan', status: 'done' });
});

test('[APP4] somebody offline edits text and fields, comes back, and everyone sees both', async () => {
  const { ada, ben, readNote, readBody } = await openTogether();
  await ada.editor.click();
  await ada.page.keyboard.type('Before. ');
  await ada.whenSaved();
  await until(async () => (await ben.bodyText()) === 'Before. ', { describe: 'the text at Ben’s' });

  await goOffline(ben);
  await ben.editor.click();
  await ben.page.keyboard.press('Control+End');
  await ben.page.keyboard.type('Ben offline. ');
  await ben.page.getByLabel('Priority', { exact: true }).selectOption({ label: 'Urgent' });
  await ada.page.keyboard.type('Ada online. ');
  await ada.page.getByLabel('Status', { exact: true }).selectOption('done');
  await ada.whenSaved();
  expect(await ben.saveState()).toBe('Offline · 2 waiting');
  expect(await ben.page.getByLabel('Priority', { exact: true }).inputValue()).toBe('4');

  await ben.context.setOffline(false);
  await ben.whenSaved();
  await until(async () => (await ada.bodyText()) === (await ben.bodyText()), { describe: 'the same text' });
  expect(await readBody()).toBe(await ada.bodyText());
  expect(await ada.bodyText()).toMatch(/Ben offline\./);
  expect(await ada.bodyText()).toMatch(/Ada online\./);
  expect((await readNote()).fields).toMatchObject({ status: 'done', priority: 4 });
  await until(async () => (await ada.page.getByLabel('Priority', { exact: true }).inputValue()) === '4', {
    describe: 'the priority at Ada’s',
  });
});

test('[APP4] [HAN6] who was offline is asked where the others changed the same field', async () => {
  const { ada, ben } = await openTogether();
  await goOffline(ben);
  await ben.retitle('Ben’s offline plan');
  await ada.retitle('Ada’s plan');
  await ada.whenSaved();
  await ben.context.setOffline(false);
  await ben.dialog.waitFor();
  expect(await ben.dialog.getByTestId('want').textContent()).toContain('Ben’s offline plan');
  await ben.dialog.getByRole('button', { name: 'Keep mine' }).click();
  await until(async () => (await ada.title.inputValue()) === 'Ben’s offline plan', {
    describe: 'the title at Ada’s',
  });
});

test('[APP5] [OPS3] what two badges show as saved is there after a SIGKILL', async () => {
  const { server, ada, ben, readNote, readBody } = await openTogether();
  for (const person of [ada, ben]) await person.editor.click();
  await Promise.all([ada.page.keyboard.type('From Ada. '), ben.page.keyboard.type('From Ben. ')]);
  await ada.page.getByLabel('Status', { exact: true }).selectOption('in-progress');
  await ben.page.getByLabel('Assignee', { exact: true }).fill('Ada');
  await ben.page.getByLabel('Assignee', { exact: true }).press('Enter');
  await Promise.all([ada.whenSaved(), ben.whenSaved()]);
  await until(async () => (await ada.bodyText()) === (await ben.bodyText()), { describe: 'the same text' });
  const shown = await ada.bodyText();
  await server.kill();
  await ada.whenOffline();
  await server.restart();
  expect(await readBody()).toBe(shown);
  expect((await readNote()).fields).toMatchObject({ status: 'in-progress', assignee: 'Ada' });

  const fresh = await visit({ browser, url: server.url, name: 'Cleo' });
  await fresh.openNote('n1');
  await until(async () => (await fresh.bodyText()) === shown, { describe: 'the text at Cleo’s' });
  await ada.whenSaved();
  await ada.editor.click();
  await ada.page.keyboard.type('And on. ');
  await until(async () => (await fresh.bodyText()).includes('And on. '), { describe: 'what Ada types on' });
});

test('[APP1] a note is made, shown in the list of others and deleted, with the keyboard alone', async () => {
  const server = await startServerProcess();
  const ada = await visit({ browser, url: server.url, name: 'Ada' });
  const ben = await visit({ browser, url: server.url, name: 'Ben' });
  await ada.page.getByLabel('New note').first().focus();
  await ada.page.keyboard.type('Groceries');
  await ada.page.keyboard.press('Enter');
  await ada.editor.waitFor();
  await ben.page.getByRole('link', { name: /Groceries/ }).click();
  await ben.editor.waitFor();
  await ada.page.getByRole('button', { name: /Delete/ }).focus();
  await ada.page.keyboard.press('Enter');
  await ada.page
    .getByRole('dialog')
    .getByRole('button', { name: /Delete/ })
    .press('Enter');
  await ben.page
    .getByText(/was deleted/)
    .first()
    .waitFor();
  await ben.page.getByRole('link', { name: /Groceries/ }).waitFor({ state: 'detached' });
});

test('[APP6] a value that is not allowed is said so at its field, and stays to be mended', async () => {
  const { ada, readNote } = await openTogether();
  await ada.retitle('');
  await ada.page.getByText('a title is needed').waitFor();
  await ada.retitle('Plan B');
  await ada.whenSaved();
  expect((await readNote()).fields).toMatchObject({ title: 'Plan B' });
});

async function goOffline(person: Person): Promise<void> {
  await person.context.setOffline(true);
  onTestFinished(() => person.context.setOffline(false).catch(() => undefined));
  await person.whenOffline();
}
