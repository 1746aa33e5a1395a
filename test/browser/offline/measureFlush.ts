import { createServer } from '@weft/server';
import type { Browser, Page } from 'playwright-core';
import { createInMemoryEventStore } from '../../../server/src/event-store/inMemoryEventStore.ts';
import { call } from '../../support/httpClient.ts';
import { openCuttableLink } from '../../support/openCuttableLink.ts';
import { until } from '../../support/until.ts';
import { memo } from './memo.ts';
import type { ManyChanges, TimedTask } from './offlinePage.ts';

/** What many commands that waited on the device did to the page that loads and sends them while somebody types. */
export type FlushFigures = {
  readonly commands: number;
  /** From the start of the page until it knew of all commands; from the mended network until all were saved. */
  readonly load: Phase;
  readonly flush: Phase;
  /** What the server has of it, where that is not everything, each once and in order. */
  readonly problems: readonly string[];
};

export type Phase = {
  readonly ms: number;
  /** Tasks of the page's thread of 50 ms and more; the browser tells of no others. */
  readonly longTasksMs: readonly number[];
  /** From a key to what the page then showed, where that took 16 ms and more. */
  readonly slowKeysMs: readonly number[];
};

const PATIENCE_MS = 240_000;
const WORD = 'typing on ';

/** Asks for that many changes offline, loads the page anew, mends the network and types until everything is saved. */
export async function measureFlush(
  browser: Browser,
  origin: string,
  plan: ManyChanges,
): Promise<FlushFigures> {
  await using resources = new AsyncDisposableStack();
  const store = createInMemoryEventStore();
  const server = resources.use(await createServer({ aggregates: [memo], port: 0, store, origins: [origin] }));
  const link = resources.adopt(await openCuttableLink(server.url), (opened) => opened.close());
  const context = resources.adopt(await browser.newContext(), (opened) => opened.close());
  await call(`${server.url}/api/memo/m1`, 'PUT', { body: { title: 'v0' } });

  const page = await context.newPage();
  await page.goto(`${origin}/?${new URLSearchParams({ server: link.url, name: 'Ada' }).toString()}`);
  await page.evaluate(() => window.offline.open().memo.whenReady());
  link.cut();
  await until(() => page.evaluate(() => window.offline.weft.connection.peek().state !== 'online'), {
    describe: 'the end of the connection',
  });
  await page.evaluate((wanted) => window.offline.changeMany(wanted), plan);
  await page.evaluate(() => window.offline.weft.whenKept());

  const commands = plan.ofOne + plan.others * plan.ofEachOther;
  await page.reload();
  await page.evaluate(() => void window.offline.open());
  await whenPending(page, commands);
  const loadedMs = await now(page);

  link.mend();
  await page.evaluate(() => window.offline.weft.connection.reconnect());
  const typed = await typeUntilSaved(page);
  const savedMs = await now(page);

  const tasks = await page.evaluate(() => window.offline.tasks);
  return {
    commands,
    load: toPhase(tasks, 0, loadedMs),
    flush: toPhase(tasks, loadedMs, savedMs),
    problems: [
      ...findDisorder(await store.readAll({ limit: 10 * commands, filter: { categories: ['memo'] } }), plan),
      ...((await call(`${server.url}/api/memo/m1/texts/body`, 'GET')).text === typed
        ? []
        : ['the text is not what was typed']),
    ],
  };
}

async function whenPending(page: Page, commands: number): Promise<void> {
  await until(
    async () => {
      const state = await page.evaluate(() => window.offline.weft.saveState.peek());
      return state.status !== 'saved' && state.pending === commands;
    },
    { describe: `${commands} commands on display`, timeoutMs: PATIENCE_MS },
  );
}

/** Types as long as commands wait, then waits for what was typed. */
async function typeUntilSaved(page: Page): Promise<string> {
  const deadline = Date.now() + PATIENCE_MS;
  const countPending = () =>
    page.evaluate(() => {
      const state = window.offline.weft.saveState.peek();
      return state.status === 'saved' ? 0 : state.pending;
    });
  await page.locator('textarea').focus();
  let typed = '';
  do {
    await page.keyboard.type(WORD, { delay: 20 });
    typed += WORD;
    if (Date.now() > deadline) throw new Error('the commands were not saved in time');
    // The text itself is one of those that wait.
  } while ((await countPending()) > 1);
  await until(async () => (await countPending()) === 0, { describe: 'everything saved' });
  return typed;
}

function now(page: Page): Promise<number> {
  return page.evaluate(() => performance.now());
}

function toPhase(tasks: readonly TimedTask[], fromMs: number, toMs: number): Phase {
  const within = tasks.filter(({ startMs }) => startMs >= fromMs && startMs < toMs);
  const of = (wanted: TimedTask['kind']) => within.filter(({ kind }) => kind === wanted).map(({ ms }) => ms);
  return { ms: toMs - fromMs, longTasksMs: of('longtask'), slowKeysMs: of('event') };
}

type Event = { readonly stream: string; readonly data: unknown };

/** Every memo's titles must count up, as they were asked for. */
function findDisorder(events: readonly Event[], { ofOne, others, ofEachOther }: ManyChanges): string[] {
  const titles = new Map<string, string[]>();
  for (const { stream, data } of events) {
    const { fields, changes } = data as { fields?: { title: string }; changes?: { title: string } };
    const known = titles.get(stream) ?? [];
    titles.set(stream, known);
    known.push((fields ?? changes)?.title ?? 'none');
  }
  const expected = new Map([['memo-m1', countUp(0, ofOne)]]);
  for (let other = 1; other <= others; other++) expected.set(`memo-other${other}`, countUp(1, ofEachOther));
  return [...new Set([...expected.keys(), ...titles.keys()])].filter(
    (stream) => titles.get(stream)?.join() !== expected.get(stream)?.join(),
  );
}

function countUp(from: number, to: number): string[] {
  return Array.from({ length: to - from + 1 }, (_, index) => `v${from + index}`);
}
