import { describe, expect, it, vi } from 'vitest';
import type { LateOutcome } from './lateOutcome.ts';
import { memoryStorage } from './offline/index.ts';
import type { ClientStorage } from './storage/clientStorage.ts';
import {
  AT,
  createTestClient,
  say,
  type TestClientOptions,
  toToken,
} from './testSupport/createTestClient.ts';
import { BOB } from './testSupport/fakeServer.ts';
import { FIELDS } from './testSupport/noteDefinition.ts';

type Device = ReturnType<typeof memoryStorage>;
type Page = Awaited<ReturnType<typeof openPage>>;

/** A page on a device, with a note open. */
async function openPage(device: Device, options: TestClientOptions = {}) {
  const outcomes: LateOutcome[] = [];
  const client = createTestClient({
    storage: device,
    onOutcome: (outcome) => outcomes.push(outcome),
    ...options,
  });
  await client.weft.whenKept();
  return { ...client, outcomes, handle: client.weft.note('n1') };
}

/** A page whose server has said what there is. */
async function openOnline(device: Device, options: TestClientOptions = {}) {
  const page = await openPage(device, options);
  await page.server.accept();
  page.server.say(say.state('t1'));
  return page;
}

/** A page that can be kept from telling the others anything, as one is that crashes in the next moment. */
async function openSilenceable(device: Device) {
  let tab = '';
  let isSilent = false;
  const storage: ClientStorage = {
    open: async (options) => {
      tab = options.tab;
      const inner = await device.open(options);
      const post: typeof inner.tabs.post = (message) => {
        if (!isSilent) inner.tabs.post(message);
      };
      return { ...inner, tabs: { ...inner.tabs, post } };
    },
  };
  const page = await openOnline(device, { storage });
  return {
    ...page,
    beSilent: () => {
      isSilent = true;
    },
    crash: async () => {
      await page.weft.whenKept();
      device.crash(tab);
    },
  };
}

/** A page of whose writes the test says when they are on the device. */
async function openWithholding(device: Device) {
  const written: (() => void)[] = [];
  const storage: ClientStorage = {
    open: async (options) => {
      const inner = await device.open(options);
      return { ...inner, flush: () => new Promise((resolve) => written.push(resolve)) };
    },
  };
  const { weft, server } = createTestClient({ storage });
  const handle = weft.note('n1');
  await server.accept();
  server.say(say.state('t1'));
  await handle.whenReady();
  return { weft, server, handle, written };
}

async function crash(device: Device, { weft }: Page): Promise<void> {
  await weft.whenKept();
  device.crash();
}

/** Waits for the next command that is sent. */
async function nextCommand({ server }: Page) {
  return vi.waitFor(() => server.take('command'), { interval: 1 });
}

describe('the last known state', () => {
  it('[OFF1] is shown at once and as cached, until the server has said what there is', async () => {
    const device = memoryStorage();
    const first = await openOnline(device);
    await crash(device, first);
    const { handle, server } = await openPage(device);
    await expect(handle.whenReady()).resolves.toMatchObject({
      status: 'existing',
      fields: FIELDS,
      freshness: 'cached',
      saveState: { status: 'offline', pending: 0 },
    });
    await server.accept();
    expect(server.all('subscribe')).toMatchObject([{ id: 'n1', after: 't1' }]);
    server.say(say.unchanged('t1'));
    expect(handle.peek()).toMatchObject({ fields: FIELDS, freshness: 'live' });
  });

  it('[OFF1] is cached while there is no connection', async () => {
    const { handle, server } = await openOnline(memoryStorage());
    expect(handle.peek().freshness).toBe('live');
    server.lose();
    expect(handle.peek()).toMatchObject({ status: 'existing', freshness: 'cached' });
  });

  it('[OFF1] gives way to what the server said first', async () => {
    const device = memoryStorage();
    await crash(device, await openOnline(device));
    const { handle, server } = await openPage(device);
    await server.accept();
    server.say(say.status('deleted'));
    await expect(handle.whenReady()).resolves.toMatchObject({ status: 'deleted', freshness: 'live' });
  });
});

describe('commands', () => {
  it('[OFF2] [OFF3] are sent by the next page, with key and what their author saw, though nobody opens the note', async () => {
    const device = memoryStorage();
    const first = await openOnline(device);
    first.server.lose();
    const result = await first.handle.change({ title: 'B' });
    await first.handle.change({ title: 'C', status: 'done' });
    await crash(device, first);

    const outcomes: LateOutcome[] = [];
    const next = createTestClient({ storage: device, onOutcome: (outcome) => outcomes.push(outcome) });
    await next.server.accept();
    const sent = await nextCommand({ ...next, outcomes, handle: first.handle });
    expect(sent).toMatchObject({
      key: result.outcome === 'queued' && result.key,
      command: { kind: 'change', patch: { title: 'B' }, token: 't1', seen: { title: 'Plan' } },
    });
    expect(next.weft.saveState.peek()).toEqual({ status: 'saving', pending: 2 });
    next.server.say(say.accepted(sent.key, 't2', { title: 'B' }));
    expect(outcomes).toMatchObject([
      {
        key: sent.key,
        aggregate: 'note',
        id: 'n1',
        values: { title: 'B' },
        outcome: { outcome: 'accepted' },
      },
    ]);
    const second = next.server.take('command');
    expect(second.command).toMatchObject({ patch: { title: 'C', status: 'done' }, seen: { title: 'B' } });
    next.server.say(say.accepted(second.key, 't3', { title: 'C', status: 'done' }));
    expect(outcomes).toHaveLength(2);
    expect(next.weft.saveState.peek()).toEqual({ status: 'saved' });
    // Nobody looked at the note: it was not asked for, and is known all the same.
    expect(next.server.all('subscribe')).toEqual([]);
    await crash(device, { ...next, outcomes, handle: first.handle });
    const { handle } = await openPage(device);
    await expect(handle.whenReady()).resolves.toMatchObject({ fields: { title: 'C', status: 'done' } });
  });

  it('[OFF2] are shown over the last known state by the next page', async () => {
    const device = memoryStorage();
    const first = await openOnline(device);
    first.server.lose();
    await first.handle.change({ title: 'B' });
    await crash(device, first);
    const { handle } = await openPage(device);
    await expect(handle.whenReady()).resolves.toMatchObject({
      fields: { title: 'B' },
      confirmed: { title: 'Plan' },
      pending: ['title'],
      saveState: { status: 'offline', pending: 1 },
    });
  });

  it('[OFF2] of a page go behind those of the page before', async () => {
    const device = memoryStorage();
    const first = await openOnline(device);
    first.server.lose();
    await first.handle.change({ title: 'B' });
    await crash(device, first);
    const next = await openPage(device);
    await next.server.accept();
    const changed = next.handle.change({ status: 'done' });
    expect(await nextCommand(next)).toMatchObject({ command: { patch: { title: 'B' } } });
    next.server.say(say.state('t1'));
    next.server.say(say.accepted(next.server.all('command')[0]?.key ?? '', 't2', { title: 'B' }));
    const own = await nextCommand(next);
    next.server.say(say.accepted(own.key, 't3', { title: 'B', status: 'done' }));
    await expect(changed).resolves.toMatchObject({ outcome: 'accepted' });
    expect(next.outcomes).toHaveLength(1);
  });

  it('[OFF2] that were answered are not sent again', async () => {
    const device = memoryStorage();
    const first = await openOnline(device);
    const changed = first.handle.change({ title: 'B' });
    const { key } = await nextCommand(first);
    first.server.say(say.accepted(key, 't2', { title: 'B' }));
    await changed;
    await crash(device, first);
    const next = await openPage(device);
    await next.server.accept();
    next.server.say(say.state('t2', { title: 'B' }));
    await next.weft.whenKept();
    expect(next.server.all('command')).toEqual([]);
    expect(next.outcomes).toEqual([]);
  });

  it('[OFF3] whose outcome the application was not told of, or threw at, are told again', async () => {
    const device = memoryStorage();
    const first = await openOnline(device);
    first.server.lose();
    await first.handle.change({ title: 'B' });
    await crash(device, first);
    const failing = await openPage(device, {
      onOutcome: () => {
        throw new Error('the page has a fault');
      },
    });
    await failing.server.accept();
    const { key } = await nextCommand(failing);
    failing.server.say(say.rejected(key));
    expect(failing.reports).toMatchObject([{ kind: 'listener-failed' }]);
    await crash(device, failing);
    const { outcomes, weft } = await openPage(device);
    await vi.waitFor(() => expect(outcomes).toMatchObject([{ key, outcome: { outcome: 'rejected' } }]));
    await weft.whenKept();
    device.crash();
    const last = await openPage(device);
    await last.weft.whenKept();
    expect(last.outcomes).toEqual([]);
  });

  it('[OFF3] that are rejected are reported where the application is not to be told', async () => {
    const device = memoryStorage();
    const first = await openOnline(device);
    first.server.lose();
    await first.handle.change({ title: 'B' });
    await crash(device, first);
    const next = createTestClient({ storage: device });
    await next.server.accept();
    const { key } = await vi.waitFor(() => next.server.take('command'), { interval: 1 });
    next.server.say(say.rejected(key));
    expect(next.reports).toMatchObject([{ kind: 'command-rejected', outcome: { key } }]);
  });
});

describe('conflicts', () => {
  const told = { title: { was: 'Plan', is: 'Theirs', want: 'Mine' } };

  async function leaveConflict(device: Device) {
    const page = await openOnline(device);
    const changed = page.handle.change({ title: 'Mine' });
    page.server.say(say.conflict((await nextCommand(page)).key, 't2', told));
    await changed;
    await crash(device, page);
  }

  it('[OFF4] stay open over a restart, and can be resolved', async () => {
    const device = memoryStorage();
    await leaveConflict(device);
    const page = await openPage(device);
    await page.handle.whenReady();
    expect(page.weft.saveState.peek()).toEqual({ status: 'blocked', pending: 0, reasons: ['conflict'] });
    const list = page.weft.list('note');
    const [conflict] = page.handle.conflicts;
    expect(conflict?.fields).toMatchObject([{ field: 'title', was: 'Plan', is: 'Theirs', want: 'Mine' }]);
    await page.server.accept();
    page.server.say(say.state('t2', { title: 'Theirs' }));
    const listed = { id: 'n1', fields: FIELDS, token: toToken('t2'), by: BOB, at: AT };
    page.server.say({ type: 'list', aggregate: 'note', items: [listed] });
    expect(list.peek().items).toMatchObject([{ id: 'n1', conflicts: 1 }]);
    const resolved = conflict?.resolve('mine');
    const { key, command } = await nextCommand(page);
    expect(command).toMatchObject({ patch: { title: 'Mine' }, token: 't2', seen: { title: 'Theirs' } });
    page.server.say(say.accepted(key, 't3', { title: 'Mine' }));
    await expect(resolved).resolves.toMatchObject({ outcome: 'accepted' });
    await crash(device, page);
    const last = await openPage(device);
    await last.handle.whenReady();
    expect(last.handle.conflicts).toEqual([]);
  });

  it('[OFF4] that are decided while there is no connection stay decided over a restart, unless that is refused', async () => {
    const device = memoryStorage();
    await leaveConflict(device);
    const page = await openPage(device);
    await page.handle.whenReady();
    await page.server.accept();
    page.server.lose();
    await page.handle.conflicts[0]?.resolve('mine');
    await crash(device, page);
    const next = await openPage(device);
    await next.handle.whenReady();
    expect(next.handle.conflicts).toEqual([]);
    await next.server.accept();
    const { key } = await nextCommand(next);
    next.server.say(say.rejected(key));
    expect(next.handle.conflicts).toMatchObject([{ fields: [{ field: 'title', want: 'Mine' }] }]);
  });

  it('[OFF4] that are given up stay so', async () => {
    const device = memoryStorage();
    await leaveConflict(device);
    const page = await openPage(device);
    await page.handle.whenReady();
    await page.handle.conflicts[0]?.resolve('theirs');
    await crash(device, page);
    const next = await openPage(device);
    await next.handle.whenReady();
    expect(next.handle.conflicts).toEqual([]);
  });

  it('[OFF9] take in what builds on their values, and nothing else', async () => {
    const page = await openOnline(memoryStorage());
    page.server.lose();
    await page.handle.change({ title: 'Mine' });
    await page.handle.change({ title: 'Mine too' });
    await page.handle.change({ status: 'done' });
    page.clock.advance(15_000);
    await page.server.accept({ attempt: 2 });
    page.server.say(say.state('t2', { title: 'Theirs' }));
    const first = await nextCommand(page);
    page.server.say(say.conflict(first.key, 't2', told));
    const second = await nextCommand(page);
    // What it saw is what the server has not: that is for the server to judge.
    expect(second.command).toMatchObject({ patch: { title: 'Mine too' }, seen: { title: 'Mine' } });
    page.server.say(
      say.conflict(second.key, 't2', { title: { was: 'Mine', is: 'Theirs', want: 'Mine too' } }),
    );
    const third = await nextCommand(page);
    page.server.say(say.accepted(third.key, 't3', { title: 'Theirs', status: 'done' }));
    page.server.say(say.changed('t3', { status: 'done' }, third.key));
    expect(page.handle.peek()).toMatchObject({ fields: { title: 'Theirs', status: 'done' }, pending: [] });
    expect(page.handle.conflicts).toMatchObject([
      { fields: [{ field: 'title', was: 'Plan', is: 'Theirs', want: 'Mine too' }] },
    ]);
  });
});

describe('pages that share a device', () => {
  it('[OFF5] show each other’s commands, and only the page sends that was asked', async () => {
    const device = memoryStorage();
    const first = await openOnline(device);
    const second = await openOnline(device);
    first.server.lose();
    await first.handle.change({ title: 'B' });
    await vi.waitFor(() =>
      expect(second.handle.peek()).toMatchObject({ fields: { title: 'B' }, pending: ['title'] }),
    );
    expect(second.server.all('command')).toEqual([]);
    // What builds on it waits for it.
    void second.handle.change({ status: 'done' });
    expect(second.server.all('command')).toEqual([]);
    first.clock.advance(15_000);
    await first.server.accept({ attempt: 2 });
    const { key } = await nextCommand(first);
    first.server.say(say.accepted(key, 't2', { title: 'B' }));
    second.server.say(say.changed('t2', { title: 'B' }, key));
    const own = await nextCommand(second);
    expect(own.command).toMatchObject({ patch: { status: 'done' } });
    expect(second.handle.peek()).toMatchObject({
      fields: { title: 'B', status: 'done' },
      pending: ['status'],
    });
    expect(second.outcomes).toEqual([]);
  });

  it('[OFF5] [OFF3] take over the commands of a page that is gone, with their keys', async () => {
    const device = memoryStorage();
    const first = await openOnline(device);
    const second = await openOnline(device);
    first.server.lose();
    const result = await first.handle.change({ title: 'B' });
    await first.weft.close();
    const { key } = await nextCommand(second);
    expect(result).toMatchObject({ outcome: 'queued', key });
    second.server.say(say.accepted(key, 't2', { title: 'B' }));
    // Nobody knows whether it was applied before this page followed the note: the state is read anew.
    second.server.say(say.state('t2', { title: 'B' }));
    expect(second.outcomes).toMatchObject([{ key }]);
    expect(second.handle.peek()).toMatchObject({ fields: { title: 'B' }, pending: [] });
    expect(second.weft.saveState.peek()).toEqual({ status: 'saved' });
  });

  it('[OFF5] show each other’s conflicts until one of them has decided', async () => {
    const device = memoryStorage();
    const first = await openOnline(device);
    const second = await openOnline(device);
    void first.handle.change({ title: 'Mine' });
    const { key } = await nextCommand(first);
    const told = { title: { was: 'Plan', is: 'Theirs', want: 'Mine' } };
    first.server.say(say.conflict(key, 't2', told));
    await vi.waitFor(() => expect(second.handle.conflicts).toHaveLength(1));
    expect(second.handle.conflicts[0]).toMatchObject({ id: first.handle.conflicts[0]?.id });
    await second.handle.conflicts[0]?.resolve('theirs');
    await vi.waitFor(() => expect(first.handle.conflicts).toEqual([]));
    expect(first.weft.saveState.peek()).toEqual({ status: 'saved' });
  });

  it('[OFF5] tell each other what is on the device, in order, and nothing before', async () => {
    const device = memoryStorage();
    const heard: string[] = [];
    const other = await device.open({ tab: 'other', report: () => undefined });
    const { weft, server, handle, written } = await openWithholding(device);
    other.tabs.listen(({ type }) => heard.push(type));
    const changed = handle.change({ title: 'B' });
    const { key } = await vi.waitFor(() => server.take('command'), { interval: 1 });
    server.say(say.accepted(key, 't2', { title: 'B' }));
    await changed;
    await vi.waitFor(() => expect(written).toHaveLength(1));
    expect(heard).toEqual([]);
    written[0]?.();
    await vi.waitFor(() => expect(heard).toEqual(['asked']));
    await vi.waitFor(() => expect(written).toHaveLength(2));
    written[1]?.();
    await vi.waitFor(() => expect(heard).toEqual(['asked', 'answered']));
    await other.close();
    const closed = weft.close();
    for (const resolve of written) resolve();
    await closed;
  });

  it('[OFF2] send what was corrected when it is on the device: a key stands for one command', async () => {
    const { weft, server, handle, written } = await openWithholding(memoryStorage());
    void handle.run('stamp', {});
    void handle.change({ start: 'later' });
    const { key } = await vi.waitFor(() => server.take('command'), { interval: 1 });
    await vi.waitFor(() => expect(written).toHaveLength(1));
    server.say(say.accepted(key, 't2', { start: AT, end: 'Plan by Alice' }));
    await vi.waitFor(() => expect(written).toHaveLength(2));
    expect(server.all('command')).toHaveLength(1);
    for (const resolve of written) resolve();
    const { command } = await vi.waitFor(() => server.take('command'), { interval: 1 });
    expect(command).toMatchObject({ patch: { start: 'later' }, seen: { start: AT } });
    const closed = weft.close();
    for (const resolve of written) resolve();
    await closed;
  });

  it('[OFF5] all show what one of them took over, also where its page had told nobody', async () => {
    const device = memoryStorage();
    const first = await openSilenceable(device);
    const others = [await openOnline(device), await openOnline(device)];
    first.beSilent();
    first.server.lose();
    await first.handle.change({ title: 'B' });
    await first.crash();
    for (const { handle } of others) {
      await vi.waitFor(() =>
        expect(handle.peek()).toMatchObject({ fields: { title: 'B' }, pending: ['title'] }),
      );
    }
    await vi.waitFor(() => expect(others.flatMap(({ server }) => server.all('command'))).toHaveLength(1));
  });

  it('[OFF5] do not send again what was answered before the device said that it is theirs to send', async () => {
    const device = memoryStorage();
    const first = await openSilenceable(device);
    const { promise: mayGoOn, resolve: goOn } = Promise.withResolvers<undefined>();
    const done: string[] = [];
    const storage: ClientStorage = {
      open: async (options) => {
        const inner = await device.open(options);
        return {
          ...inner,
          adopt: async (tab) => {
            const adopted = await inner.adopt(tab);
            done.push('adopt');
            await mayGoOn;
            return adopted;
          },
          readAggregate: async (address) => {
            done.push('read');
            return inner.readAggregate(address);
          },
        };
      },
    };
    const { weft, server } = createTestClient({ storage });
    await weft.whenKept();
    await server.accept();
    first.beSilent();
    first.server.lose();
    await first.handle.change({ title: 'B' });
    await first.crash();
    await vi.waitFor(() => expect(done).toEqual(['adopt']));
    weft.note('n1');
    const { key } = await vi.waitFor(() => server.take('command'), { interval: 1 });
    server.say(say.state('t2', { title: 'B' }));
    server.say(say.accepted(key, 't2', { title: 'B' }));
    goOn(undefined);
    await vi.waitFor(() => expect(done).toEqual(['adopt', 'read', 'read']));
    await weft.whenKept();
    expect(server.all('command')).toHaveLength(1);
    expect(weft.saveState.peek()).toEqual({ status: 'saved' });
  });

  it('[OFF5] see from the device how a command ended whose page could not say so', async () => {
    const device = memoryStorage();
    const first = await openSilenceable(device);
    const second = await openOnline(device);
    void first.handle.change({ title: 'Mine' });
    void first.handle.change({ status: 'done' });
    await vi.waitFor(() => expect(second.handle.peek()).toMatchObject({ pending: ['title', 'status'] }));
    first.beSilent();
    const told = { title: { was: 'Plan', is: 'Theirs', want: 'Mine' } };
    first.server.say(say.conflict((await nextCommand(first)).key, 't2', told));
    first.server.say(say.accepted((await nextCommand(first)).key, 't3', { status: 'done' }));
    await first.crash();
    await vi.waitFor(() => expect(second.handle.conflicts).toMatchObject([{ fields: [{ field: 'title' }] }]));
    expect(second.handle.peek()).toMatchObject({ pending: [], saveState: { status: 'blocked', pending: 0 } });
    expect(second.server.all('command')).toEqual([]);
  });

  it('[OFF5] see from the device that a conflict was given up by a page that could not say so', async () => {
    const device = memoryStorage();
    const first = await openSilenceable(device);
    const second = await openOnline(device);
    void first.handle.change({ title: 'Mine' });
    const told = { title: { was: 'Plan', is: 'Theirs', want: 'Mine' } };
    first.server.say(say.conflict((await nextCommand(first)).key, 't2', told));
    await vi.waitFor(() => expect(second.handle.conflicts).toHaveLength(1));
    first.beSilent();
    await first.handle.conflicts[0]?.resolve('theirs');
    await first.crash();
    await vi.waitFor(() => expect(second.handle.conflicts).toEqual([]));
    expect(second.weft.saveState.peek()).toEqual({ status: 'saved' });
  });
});

describe('a person’s storage', () => {
  it('[CON10] is never sent as another person’s', async () => {
    const device = memoryStorage();
    const first = await openOnline(device);
    first.server.lose();
    await first.handle.change({ title: 'B' });
    await crash(device, first);
    const other = await openPage(device);
    await other.server.accept({ user: { id: 'eve', name: 'Eve' } });
    expect(other.weft.connection.peek()).toMatchObject({ state: 'refused', reason: 'other-person' });
    expect(other.server.socket.messages.map(({ type }) => type)).toEqual(['hello']);
    await vi.waitFor(() =>
      expect(other.weft.saveState.peek()).toEqual({
        status: 'blocked',
        pending: 1,
        reasons: ['connection-refused'],
      }),
    );
  });
});
