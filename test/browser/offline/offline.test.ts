import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { launchChromium } from '../../support/chromium.ts';
import { until } from '../../support/until.ts';
import { servePage, type ServedPage } from '../servedPage.ts';
import { crash, createDevice, createDeviceOnDisk, type Device, show, whenShown } from './device.ts';
import { meet, type Meeting } from './meeting.ts';

let browser: Browser;
let served: ServedPage;
beforeAll(async () => {
  [browser, served] = await Promise.all([launchChromium(), servePage(import.meta.dirname, ['client-sdk'])]);
});
afterAll(async () => {
  await Promise.all([browser.close(), served.close()]);
});

type Edited = 'fields' | 'text' | 'both';
type Interruption =
  'a reload' | 'a crash of the tab' | 'a restart of the browser' | 'the crash of one of two tabs';

const has = (edited: Edited, part: 'fields' | 'text'): boolean => edited === part || edited === 'both';

/** Ben and the memo, and Ada's device with as many tabs on it as the interruption needs, all online. */
async function openTogether(interruption: Interruption) {
  const meeting = await meet(served.origin);
  const options = { origin: served.origin, url: meeting.url, name: 'Ada' };
  const isRestart = interruption === 'a restart of the browser';
  const device = await (isRestart ? createDeviceOnDisk(options) : createDevice(browser, options));
  const first = await openMemo(device);
  const last = interruption === 'the crash of one of two tabs' ? await openMemo(device) : first;
  return { meeting, device, first, last };
}

async function openMemo(device: Device): Promise<Page> {
  const page = await device.openTab();
  await page.evaluate(async () => {
    const { memo, text } = window.offline.open();
    await Promise.all([memo.whenReady(), text.whenSynced()]);
  });
  await whenShown(page, ({ freshness, text }) => freshness === 'live' && text === 'Before. ');
  return page;
}

/** Several changes of fields, and typing, partly in one tab and partly in the other. Resolves to the commands' keys. */
async function editOffline(edited: Edited, first: Page, last: Page): Promise<string[]> {
  const keys: string[] = [];
  const change = async (page: Page, patch: { title?: string; status?: 'done' }) => {
    keys.push(await page.evaluate((wanted) => window.offline.change(wanted), patch));
  };
  if (has(edited, 'fields')) {
    await change(first, { title: 'Draft' });
    await whenShown(last, ({ fields }) => fields.title === 'Draft');
    await change(last, { title: 'Final' });
    await change(last, { status: 'done' });
  }
  if (has(edited, 'text')) {
    await first.evaluate(() => window.offline.type('Ada '));
    await whenShown(last, ({ text }) => text === 'Before. Ada ');
    await last.evaluate(() => window.offline.type('offline. '));
  }
  for (const page of new Set([first, last])) await page.evaluate(() => window.offline.weft.whenKept());
  return keys;
}

/** What Ben does meanwhile: at the same place as Ada where there shall be a conflict, else at another. */
async function editElsewhere({ ben }: Meeting, edited: Edited, isConflict: boolean): Promise<void> {
  if (has(edited, 'fields')) await ben.memo.change(isConflict ? { title: 'Ben’s' } : { owner: 'Ben' });
  if (has(edited, 'text')) {
    if (isConflict) ben.ytext.insert(ben.ytext.length, 'Ben online. ');
    else ben.ytext.insert(0, 'Ben online. ');
  }
  await ben.whenSaved();
}

/** Resolves to the page on which Ada goes on, still offline. */
async function interrupt(
  device: Device,
  interruption: Interruption,
  { first, last }: { first: Page; last: Page },
) {
  switch (interruption) {
    case 'a reload':
      await first.reload();
      return first;
    case 'a crash of the tab':
      await crash(first);
      return device.openTab();
    case 'a restart of the browser':
      await device.restart();
      return device.openTab();
    case 'the crash of one of two tabs':
      await crash(first);
      return last;
  }
}

/** Shown while there is no server: all of it comes from the device. */
function offlineView(edited: Edited) {
  const pending = (has(edited, 'fields') ? 3 : 0) + (has(edited, 'text') ? 1 : 0);
  return {
    status: 'existing',
    freshness: 'cached',
    fields: {
      title: has(edited, 'fields') ? 'Final' : 'Plan',
      status: has(edited, 'fields') ? 'done' : 'open',
      owner: '',
    },
    pending: has(edited, 'fields') ? ['title', 'status'] : [],
    conflicts: [],
    text: has(edited, 'text') ? 'Before. Ada offline. ' : 'Before. ',
    saveState: { status: 'offline', pending },
    storage: 'durable',
  };
}

const CASES = (['fields', 'text', 'both'] as const).flatMap((edited) => [
  { edited, isConflict: false },
  { edited, isConflict: true },
]);

describe.each([
  ['a reload', '[OFF1] [OFF2] [OFF3] [OFF6]'],
  ['a crash of the tab', '[OFF1] [OFF2] [OFF3] [OFF6]'],
  ['a restart of the browser', '[OFF1] [OFF2] [OFF3] [OFF6]'],
  ['the crash of one of two tabs', '[OFF3] [OFF5] [OFF6] [OFF7]'],
] as const)('after %s', (interruption, rules) => {
  test.each(CASES)(
    `${rules} what was edited offline is there and gets to the server once: $edited, in conflict: $isConflict`,
    async ({ edited, isConflict }) => {
      const { meeting, device, ...tabs } = await openTogether(interruption);
      await device.goOffline();
      const keys = await editOffline(edited, tabs.first, tabs.last);
      await editElsewhere(meeting, edited, isConflict);

      const page = await interrupt(device, interruption, tabs);
      const expected = offlineView(edited);
      await page.evaluate(() => window.offline.open().memo.whenReady());
      await expect.poll(() => show(page)).toMatchObject(expected);

      await device.goOnline();
      if (has(edited, 'fields')) await expectFields({ page, meeting, keys, isConflict });
      if (has(edited, 'text')) await expectText({ page, meeting, isConflict });
      await whenShown(
        page,
        ({ saveState, freshness }) => saveState.status === 'saved' && freshness === 'live',
      );
      expect(await page.evaluate(() => window.offline.reports)).toEqual([]);
    },
  );
});

type Outcome = { readonly page: Page; readonly meeting: Meeting; readonly isConflict: boolean };

/** Every outcome was told, nothing was done twice, and a conflict is shown until it is resolved. */
async function expectFields({
  page,
  meeting,
  keys,
  isConflict,
}: Outcome & { readonly keys: readonly string[] }) {
  const told = await until(
    async () => {
      const all = await page.evaluate(() => window.offline.told);
      return new Set(all.map(({ key }) => key)).size === keys.length && all;
    },
    { describe: 'what became of every command' },
  );
  const outcomes = keys.map((key) => told.find((one) => one.key === key)?.outcome);
  expect(outcomes).toEqual(isConflict ? ['conflict', 'conflict', 'merged'] : ['merged', 'merged', 'merged']);
  const [bens, ...adas] = await meeting.readKeys();
  expect(adas).toEqual(isConflict ? keys.slice(2) : keys);
  if (isConflict) {
    const { conflicts, saveState } = await whenShown(page, (shown) => shown.conflicts.length > 0);
    expect(conflicts).toEqual([{ field: 'title', was: 'Plan', is: 'Ben’s', want: 'Final' }]);
    expect(saveState).toMatchObject({ status: 'blocked', reasons: ['conflict'] });
    await page.evaluate(() => window.offline.open().memo.conflicts[0]?.resolve('mine'));
    expect(await meeting.readKeys()).toEqual([bens, ...adas, expect.any(String)]);
  }
  const fields = { title: 'Final', status: 'done', owner: isConflict ? '' : 'Ben' };
  await whenShown(page, ({ pending, conflicts }) => pending.length === 0 && conflicts.length === 0);
  expect((await show(page)).fields).toEqual(fields);
  expect(await meeting.readFields()).toEqual(fields);
}

/** Both texts are there, each once, and everyone has the same. */
async function expectText({ page, meeting, isConflict }: Outcome) {
  const adas = 'Ada offline. ';
  const bens = 'Ben online. ';
  const both = `Before. ${adas}${bens}`;
  const { text } = await whenShown(page, (shown) => shown.text.includes('Ben online. '));
  expect(isConflict ? [both, `Before. ${bens}${adas}`] : [`${bens}Before. ${adas}`]).toContain(text);
  await until(() => meeting.ben.ytext.toJSON() === text, { describe: 'the same text at Ben’s' });
  await until(async () => (await meeting.readText()) === text, { describe: 'the stored text' });
}

test('[OFF2] [OFF3] [OFF6] what was edited offline is sent by a page that opens none of it', async () => {
  const { meeting, device, first } = await openTogether('a crash of the tab');
  await device.goOffline();
  const keys = await editOffline('both', first, first);
  await crash(first);
  const page = await device.openTab();
  await device.goOnline();
  await until(async () => (await meeting.readText()) === 'Before. Ada offline. ', {
    describe: 'the stored text',
  });
  await until(async () => (await page.evaluate(() => window.offline.told)).length === keys.length, {
    describe: 'what became of every command',
  });
  expect(await meeting.readKeys()).toEqual(keys);
  await until(
    async () => (await page.evaluate(() => window.offline.weft.saveState.peek().status)) === 'saved',
    {
      describe: 'everything saved',
    },
  );
});

test('[OFF4] an open conflict is still there after a restart of the browser, offline, and can be resolved', async () => {
  const { meeting, device, first } = await openTogether('a restart of the browser');
  await device.goOffline();
  await editOffline('fields', first, first);
  await editElsewhere(meeting, 'fields', true);
  await device.goOnline();
  // The change that built on the one in conflict is in conflict as well, and takes its place.
  const { conflicts } = await whenShown(first, (shown) => shown.conflicts[0]?.want === 'Final');
  await first.evaluate(() => window.offline.weft.whenKept());
  await device.goOffline();
  await device.restart();

  const page = await device.openTab();
  await page.evaluate(() => window.offline.open().memo.whenReady());
  expect((await show(page)).conflicts).toEqual(conflicts);
  await page.evaluate(() => window.offline.open().memo.conflicts[0]?.resolve('theirs'));
  await device.goOnline();
  await whenShown(page, ({ saveState }) => saveState.status === 'saved');
  expect(await show(page)).toMatchObject({ conflicts: [], fields: { title: 'Ben’s', status: 'done' } });
  expect(await meeting.readFields()).toMatchObject({ title: 'Ben’s', status: 'done' });
});
