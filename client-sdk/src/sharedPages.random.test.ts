import { expect, it, onTestFinished } from 'vitest';
import { createSeededRandom, type SeededRandom } from '../../test/support/seededRandom.ts';
import { type Client, createClient } from './createClient.ts';
import type { Clock } from './connection/clock.ts';
import type { ChangeResult } from './fields/changeResult.ts';
import type { ClientReport } from './lifecycle/clientReport.ts';
import { type MemoryStorage, memoryStorage } from './offline/memoryStorage.ts';
import type { StorageChange } from './storage/storedRecords.ts';
import type { FakeSocket } from './testSupport/fakeServer.ts';
import { createManualClock } from './testSupport/manualClock.ts';
import { note } from './testSupport/noteDefinition.ts';
import { SharedServer } from './testSupport/sharedServer.ts';
import { slowStorage } from './testSupport/slowStorage.ts';

const RUNS = 50;
const ACTIONS = 60;
const MAX_PAGES = 3;
const IDS = ['n1', 'n2'] as const;

/** A command that was asked for. */
type Ask = {
  readonly key: string;
  readonly page: Page;
  readonly id: string;
  isKept: boolean;
  /** How often its asker, and how often the application, was told what became of it. */
  told: number;
  late: number;
};
type Page = {
  readonly weft: Client<readonly [typeof note]>;
  status: 'open' | 'closed' | 'crashed';
  readonly tab: string;
  cut(isHeard?: boolean): void;
};
type Result = ChangeResult<typeof note, unknown, unknown>;

class World {
  readonly random: SeededRandom;
  readonly server = new SharedServer();
  readonly clock = createManualClock(10_000_000);
  /** Whether it is set anew between one page and the next. */
  readonly isClockWrong: boolean;
  readonly device: MemoryStorage = memoryStorage();
  pages: Page[] = [];
  readonly asks = new Map<string, Ask>();
  readonly reports: ClientReport[] = [];
  /** What an application was told as late although the page that had asked was there to tell its asker. */
  readonly needless: string[] = [];
  readonly #unmatched: { readonly page: Page; readonly what: string; readonly result: Promise<Result> }[] =
    [];
  #waiting: { readonly tab: () => string; readonly run: () => void }[] = [];

  constructor(random: SeededRandom, isClockWrong: boolean) {
    this.random = random;
    this.isClockWrong = isClockWrong;
  }

  join(): Page {
    const { server, device, random, reports } = this;
    const isRunning = () => page.status !== 'crashed';
    const behind = this.isClockWrong ? random.integer(100_000) : 0;
    const clock: Clock = {
      now: () => this.clock.now() - behind,
      after: (milliseconds, callback) => this.clock.after(milliseconds, () => isRunning() && callback()),
    };
    let tab = '';
    let socket: FakeSocket | undefined;
    const later = () => new Promise<void>((resolve) => this.#waiting.push({ tab: () => tab, run: resolve }));
    const weft = createClient({
      url: 'http://server',
      aggregates: [note],
      createSocket: (url) => (socket = server.createSocket(url)),
      clock,
      random: () => random.integer(1000) / 1000,
      onReport: (report) => reports.push(report),
      onOutcome: ({ key }) => this.#noteLate(key),
      storage: slowStorage({
        device,
        later,
        onOpen: (name) => {
          tab = name;
        },
        onWrite: (changes) => this.#noteAsked(page, changes),
        // What a page that has crashed still does is not done.
        onKept: (changes) => isRunning() && this.#noteKept(changes),
      }),
    });
    const page: Page = {
      weft,
      status: 'open',
      get tab() {
        return tab;
      },
      cut: (isHeard = true) => {
        if (socket) server.cut(socket, isHeard);
      },
    };
    onTestFinished(() => void weft.close());
    this.pages.push(page);
    return page;
  }

  /** The page is gone in an instant: nothing of it goes on. */
  crash(page: Page): void {
    page.status = 'crashed';
    page.cut(false);
    this.#waiting = this.#waiting.filter(({ tab }) => tab() !== page.tab);
    this.device.crash(page.tab);
    this.pages = this.pages.filter((other) => other !== page);
  }

  close(page: Page): void {
    page.status = 'closed';
    void page.weft.close();
    this.pages = this.pages.filter((other) => other !== page);
  }

  /** Asks for something, and keeps what becomes of it. */
  ask(page: Page, what: string, act: () => Promise<Result>): void {
    const before = this.asks.size;
    const result = act();
    const ask = this.asks.size > before ? [...this.asks.values()].at(-1) : undefined;
    // Until the storage is open nothing tells the key; the values do, which are asked for once.
    if (!ask) this.#unmatched.push({ page, what, result });
    else void this.#follow(ask, result);
  }

  get steps(): (() => void)[] {
    return [
      ...this.server.steps,
      ...this.#waiting.map((waiting) => () => {
        this.#waiting = this.#waiting.filter((other) => other !== waiting);
        waiting.run();
      }),
    ];
  }

  async #follow(ask: Ask, result: Promise<Result>): Promise<void> {
    const first = await result;
    const settled = first.outcome === 'queued' ? await first.settled : first;
    if (!(settled.outcome === 'rejected' && settled.code === 'closed')) ask.told++;
  }

  #noteAsked(page: Page, changes: readonly StorageChange[]): void {
    for (const change of changes) {
      if (change.type !== 'put-command' || this.asks.has(change.command.key)) continue;
      const { key, id, values } = change.command;
      const ask = { key, page, id, isKept: false, told: 0, late: 0 };
      this.asks.set(key, ask);
      const text = JSON.stringify(values);
      const turn = / (\d+)"/.exec(text)?.[0] ?? '?';
      const at = this.#unmatched.findIndex((other) => other.page === page && other.what.includes(turn));
      const [unmatched] = at < 0 ? [] : this.#unmatched.splice(at, 1);
      if (unmatched) void this.#follow(ask, unmatched.result);
    }
  }

  #noteKept(changes: readonly StorageChange[]): void {
    for (const change of changes) {
      const ask = change.type === 'put-command' && this.asks.get(change.command.key);
      if (ask) ask.isKept = true;
    }
  }

  #noteLate(key: string): void {
    const ask = this.asks.get(key);
    if (!ask) throw new Error(`nobody asked for ${key}`);
    ask.late++;
    if (ask.page.status === 'open') this.needless.push(key);
  }
}

function change(world: World, page: Page, turn: number): void {
  const { random } = world;
  const id = random.oneOf(IDS);
  const handle = page.weft.note(id);
  const { status } = handle;
  if (status === 'missing' || (status === 'loading' && random.integer(4) === 0)) {
    return world.ask(page, `create ${id} new ${turn}"`, () => handle.create({ title: `new ${turn}` }));
  }
  // What is asked for before anything is known of the note must be told apart by its values.
  const isOpening = page.weft.storage.peek().kind === 'memory';
  const action = status === 'loading' || isOpening ? 20 : random.integer(20);
  if (action < 1) return world.ask(page, `delete ${id}`, () => handle.delete());
  if (action < 4 && status === 'existing')
    return world.ask(page, `stamp ${id}`, () => handle.run('stamp', {}));
  if (action < 6) return world.ask(page, `undo ${id}`, () => handle.undo() as Promise<Result>);
  const patch = random.oneOf([
    { title: `title ${turn}` },
    { start: `day ${turn}` },
    { title: `title ${turn}`, remark: `remark ${turn}` },
  ]);
  world.ask(page, `change ${id} ${JSON.stringify(patch)}`, () => handle.change(patch));
}

function resolve(world: World, page: Page, turn: number): void {
  const { random } = world;
  const [conflict] = page.weft.note(random.oneOf(IDS)).conflicts;
  if (!conflict) return;
  const choice = random.oneOf(['mine', 'theirs', { title: `resolved ${turn}` }] as const);
  world.ask(page, `resolve ${conflict.id.slice(0, 4)} ${JSON.stringify(choice)}`, () =>
    conflict.resolve(choice),
  );
}

function act(world: World, turn: number): void {
  const { random } = world;
  const page = world.pages.length > 0 ? random.oneOf(world.pages) : world.join();
  const action = random.integer(30);
  if (action < 12) return change(world, page, turn);
  if (action < 15) return resolve(world, page, turn);
  if (action < 18) return world.server.interfere(random.oneOf(IDS), { title: `theirs ${turn}` });
  if (action < 20) return page.cut();
  if (action < 22) return world.clock.advance(random.integer(400));
  if (action < 24) return page.weft.note(random.oneOf(IDS)).close();
  if (action < 25) return world.crash(page);
  if (action < 26) return world.close(page);
  if (world.pages.length < MAX_PAGES) world.join();
}

async function step(world: World, count: number): Promise<void> {
  for (let left = count; left > 0; left--) {
    const { steps } = world;
    if (steps.length === 0) return;
    world.random.oneOf(steps)();
    if (world.random.integer(2) === 0) await Promise.resolve();
  }
}

/** Lets everything happen that can; promises of the client's own need their turn as well. */
async function drain(world: World): Promise<void> {
  for (let idle = 0; idle < 3; idle++) {
    await new Promise((next) => setTimeout(next));
    if (world.pages.some(({ weft }) => weft.connection.peek().state === 'offline'))
      world.clock.advance(15_000);
    while (world.steps.length > 0) {
      await step(world, 10);
      await new Promise((next) => setImmediate(next));
      idle = 0;
    }
  }
}

/** In no order: pages hear of them in different ones. */
function listConflicts({ weft }: Page): string[] {
  return IDS.flatMap((id) => weft.note(id).conflicts)
    .map(({ id, command, fields }) => [id, command, ...fields.map(({ field }) => field).toSorted()].join(' '))
    .toSorted();
}

async function run(salt: number): Promise<World> {
  const world = new World(createSeededRandom(salt), salt % 4 === 3);
  for (let turn = 0; turn < ACTIONS; turn++) {
    act(world, turn);
    await step(world, world.random.integer(12));
    if (turn % 5 === 0) await new Promise((next) => setTimeout(next));
  }
  if (world.pages.length === 0) world.join();
  for (const { weft } of world.pages) for (const id of IDS) weft.note(id);
  return world;
}

function checkOutcomes(world: World, name: string): void {
  const { asks, server } = world;
  const isTold = ({ told, late }: Ask) => told + late > 0;
  const untold = [...asks.values()].filter((ask) => ask.isKept && !isTold(ask));
  expect(
    untold.map(({ key }) => key),
    `${name}: without an outcome`,
  ).toEqual([]);
  const unsettled = [...asks.values()].filter((ask) => ask.page.status === 'open' && ask.told !== 1);
  expect(
    unsettled.map(({ key }) => key),
    `${name}: asked by a page that is there`,
  ).toEqual([]);
  expect(server.reused, `${name}: keys of other commands`).toEqual([]);
  expect(world.needless, `${name}: told as late`).toEqual([]);
}

function checkOrder({ asks, server }: World, name: string): void {
  const asked = [...asks.keys()];
  const byPage = new Map<string, number[]>();
  for (const key of server.executed.keys()) {
    const ask = asks.get(key);
    const of = `${ask?.page.tab} ${ask?.id}`;
    byPage.set(of, [...(byPage.get(of) ?? []), asked.indexOf(key)]);
  }
  for (const order of byPage.values())
    expect(order, `${name}: order`).toEqual(order.toSorted((a, b) => a - b));
}

function checkDisplay({ pages, server }: World, name: string): void {
  for (const { weft } of pages) {
    for (const id of IDS) {
      const { status, fields } = server.read(id);
      const shown = { status, ...(status === 'existing' && { fields, confirmed: fields, pending: [] }) };
      expect(weft.note(id).peek(), `${name}: display`).toMatchObject({ ...shown, freshness: 'live' });
    }
    expect(weft.saveState.peek(), name).toEqual({ status: 'saved' });
  }
}

async function checkDevice({ device }: World, name: string): Promise<void> {
  const left = await device.open({ tab: 'nobody', report: () => undefined });
  for await (const commands of left.readCommands()) expect(commands, `${name}: commands left`).toEqual([]);
  expect(await left.readOutcomes(), `${name}: outcomes left`).toEqual([]);
  await left.close();
}

async function giveUpAll(world: World, pages: readonly Page[]): Promise<void> {
  for (const { weft } of pages)
    for (const id of IDS) for (const conflict of weft.note(id).conflicts) await conflict.resolve('theirs');
  await drain(world);
}

function leave(world: World): void {
  for (const page of [...world.pages]) world.close(page);
}

it('[OFF2] [OFF3] [OFF5] loses, doubles and disorders no command, whatever pages come, crash and share', async () => {
  const total = { repeats: 0, conflicts: 0, late: 0, told: 0 };
  for (let salt = 0; salt < RUNS; salt++) {
    const name = `run ${salt}`;
    const world = await run(salt);
    await drain(world);
    checkOutcomes(world, name);
    checkOrder(world, name);
    await giveUpAll(world, world.pages);
    checkDisplay(world, name);
    await checkDevice(world, name);
    expect(world.reports, name).toEqual([]);
    total.repeats += world.server.repeats;
    for (const { late, told } of world.asks.values()) {
      total.late += late;
      total.told += told;
    }
    for (const outcome of world.server.executed.values()) if (outcome === 'conflict') total.conflicts++;
    leave(world);
  }
  // Without these it would have shown nothing.
  for (const count of Object.values(total)) expect(count).toBeGreaterThan(RUNS / 4);
}, 60_000);

it('[OFF4] [OFF5] has the same conflicts open in every page, and none of them comes back', async () => {
  let total = 0;
  for (let salt = RUNS; salt < 2 * RUNS; salt++) {
    const name = `run ${salt}`;
    const world = await run(salt);
    await drain(world);
    const [first, ...others] = world.pages;
    if (!first) throw new Error('there is no page');
    const conflicts = listConflicts(first);
    total += conflicts.length;
    for (const other of others) expect(listConflicts(other), name).toEqual(conflicts);
    await giveUpAll(world, [first]);
    const last = world.join();
    for (const id of IDS) last.weft.note(id);
    await drain(world);
    for (const page of world.pages) expect(listConflicts(page), `${name}: given up`).toEqual([]);
    leave(world);
  }
  expect(total).toBeGreaterThan(RUNS / 4);
}, 60_000);
