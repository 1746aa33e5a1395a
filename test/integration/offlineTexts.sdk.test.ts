import { type ClientReport, type ClientStorage, createClient } from '@weft/client';
import { memoryStorage } from '@weft/client/offline';
import { expect, onTestFinished, test } from 'vitest';
import { note } from '../../examples/notes/note.ts';
import { createCuttableLink } from '../support/cuttableLink.ts';
import { call } from '../support/httpClient.ts';
import type { CuttableLink } from '../support/openCuttableLink.ts';
import { startTestServer } from '../support/testServer.ts';
import { until } from '../support/until.ts';

/** A server with a note, and a device with a storage whose way to it can be cut. */
async function setUp() {
  const server = await startTestServer();
  await call(`${server.url}/api/note/n1`, 'PUT', { body: { title: 'Plan' } });
  const path = `${server.url}/api/note/n1/texts/body`;
  const link = await createCuttableLink(server.url);
  const storage = memoryStorage();
  return {
    link,
    readBody: async () => (await call(path, 'GET')).text,
    erase: () => call(path, 'DELETE', { headers: { Authorization: 'Bearer Eve' } }),
    openPage: () => openPage(link.url, storage),
  };
}

function openPage(url: string, storage: ClientStorage) {
  const reports: ClientReport[] = [];
  const weft = createClient({
    url,
    aggregates: [note],
    token: 'Ada',
    storage,
    random: () => 0.1,
    onReport: (report) => reports.push(report),
  });
  onTestFinished(() => weft.close());
  return {
    weft,
    reports,
    openBody: () => weft.note('n1').text('body'),
    whenSaved: () =>
      until(() => weft.saveState.peek().status === 'saved', { describe: 'everything to be saved' }),
    whenOffline: () =>
      until(() => weft.saveState.peek().status === 'offline', { describe: 'a client offline' }),
  };
}

/** A page that saved something, lost its connection, typed on and was closed. */
async function leaveOfflineEdit(page: ReturnType<typeof openPage>, link: CuttableLink): Promise<void> {
  const body = page.openBody();
  await body.whenSynced();
  body.ytext.insert(0, 'before');
  await page.whenSaved();
  link.cut();
  await page.whenOffline();
  body.ytext.insert(6, ', offline');
  await page.weft.close();
}

test('[OFF6] what was typed offline is there after a restart, and reaches the server though nobody opens it', async () => {
  const { link, openPage, readBody } = await setUp();
  const first = openPage();
  await leaveOfflineEdit(first, link);

  const second = openPage();
  const again = second.openBody();
  await until(() => again.ytext.toJSON() === 'before, offline', { describe: 'what was kept' });
  again.ytext.insert(15, ', and after a restart');
  await second.weft.close();
  expect(await readBody()).toBe('before');

  link.mend();
  const third = openPage();
  await until(async () => (await readBody()) === 'before, offline, and after a restart', {
    describe: 'the text to reach the server',
  });
  await third.whenSaved();
  const reports = [first, second, third].flatMap((page) => page.reports);
  expect(reports.filter(({ kind }) => kind !== 'connect-failed')).toEqual([]);
});

test('[OFF7] two pages of one device see each other type without a server, and both texts are saved once', async () => {
  const { link, openPage, readBody } = await setUp();
  const [one, other] = [openPage(), openPage()];
  const [oneBody, otherBody] = [one.openBody(), other.openBody()];
  await Promise.all([oneBody.whenSynced(), otherBody.whenSynced()]);
  link.cut();
  await Promise.all([one.whenOffline(), other.whenOffline()]);
  oneBody.ytext.insert(0, 'one');
  await until(() => otherBody.ytext.toJSON() === 'one', { describe: 'what the first page typed' });
  otherBody.ytext.insert(3, ' and other');
  await until(() => oneBody.ytext.toJSON() === 'one and other', { describe: 'what the other page typed' });
  // A page that dies takes nothing along.
  await one.weft.close();
  link.mend();
  await until(async () => (await readBody()) === 'one and other', { describe: 'both edits on the server' });
  await other.whenSaved();
});

test('[OFF6] [EPO4] what was typed offline into a text that was erased meanwhile is a rescue copy after restarts', async () => {
  const { link, openPage, readBody, erase } = await setUp();
  await leaveOfflineEdit(openPage(), link);
  await erase();

  link.mend();
  const second = openPage();
  await until(() => second.reports.some(({ kind }) => kind === 'text-refused'), { describe: 'the refusal' });
  const refused = { status: 'blocked', pending: 0, reasons: ['text-refused'] };
  expect(second.weft.saveState.peek()).toEqual(refused);
  const again = second.openBody();
  await again.whenSynced();
  again.ytext.insert(0, 'after');
  const isSaved = () => again.peek().saveState.status === 'saved';
  await until(isSaved, { describe: 'the new text to be saved' });
  expect(await readBody()).toBe('after');
  await second.weft.close();

  const thirdPage = openPage();
  const third = thirdPage.openBody();
  await third.whenSynced();
  expect(third.ytext.toJSON()).toBe('after');
  expect(third.peek().rescue).toMatchObject({ text: 'before, offline', isUnsaved: true });
  expect(thirdPage.weft.saveState.peek()).toEqual(refused);
  third.dismissRescue();
  expect(thirdPage.weft.saveState.peek()).toEqual({ status: 'saved' });
  expect(third.peek()).not.toHaveProperty('rescue');
  const last = openPage().openBody();
  await last.whenSynced();
  expect(last.peek()).not.toHaveProperty('rescue');
});
