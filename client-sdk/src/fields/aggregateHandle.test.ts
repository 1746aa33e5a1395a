import { describe, expect, it, vi } from 'vitest';
import { AT, createTestClient, say, toToken } from '../testSupport/createTestClient.ts';
import { BOB } from '../testSupport/fakeServer.ts';
import { FIELDS } from '../testSupport/noteDefinition.ts';

/** A note that the server knows, at token t1. */
async function openNote() {
  const client = createTestClient();
  await client.server.accept();
  const handle = client.weft.note('n1');
  client.server.say(say.state('t1'));
  return { ...client, handle };
}

/** The key of the oldest command that the server has not looked at. */
function nextKey({ server }: Pick<ReturnType<typeof createTestClient>, 'server'>): string {
  return server.take('command').key;
}

describe('identity', () => {
  it('[HAN1] is the same handle for the same id until it is closed', () => {
    const { weft } = createTestClient();
    const first = weft.note('n1');
    expect(weft.note('n1')).toBe(first);
    expect(weft.note('n2')).not.toBe(first);
    expect(first).toMatchObject({ id: 'n1', aggregate: 'note' });
    first.close();
    expect(weft.note('n1')).not.toBe(first);
  });

  it.each(['', ' ', 'a/b', '-a', 'a'.repeat(129)])(
    '[HAN4] throws where no aggregate can have the id %j',
    (id) => {
      const { weft } = createTestClient();
      expect(() => weft.note(id)).toThrow(TypeError);
    },
  );
});

describe('reading', () => {
  it('[SES3] is loading until the server says what there is', async () => {
    const { server, weft } = createTestClient();
    const handle = weft.note('n1');
    expect(handle.peek()).toEqual({
      status: 'loading',
      conflicts: [],
      saveState: { status: 'offline', pending: 0 },
      freshness: 'cached',
      canUndo: false,
      canRedo: false,
    });
    await server.accept();
    expect(server.all('subscribe')).toEqual([{ type: 'subscribe', aggregate: 'note', id: 'n1' }]);
    expect(handle.peek()).toMatchObject({ status: 'loading', saveState: { status: 'saved' } });
    server.say(say.state('t1', { title: 'Trip' }));
    expect(handle.peek()).toEqual({
      status: 'existing',
      fields: { ...FIELDS, title: 'Trip' },
      confirmed: { ...FIELDS, title: 'Trip' },
      pending: [],
      token: 't1',
      conflicts: [],
      saveState: { status: 'saved' },
      freshness: 'live',
      canUndo: false,
      canRedo: false,
    });
    expect(handle.fields.title).toBe('Trip');
    expect(handle.token).toBe('t1');
  });

  it.each(['missing', 'deleted'] as const)(
    '[SES3] waits for the answer, which may be: %s',
    async (status) => {
      const { server, weft } = createTestClient();
      await server.accept();
      const handle = weft.note('n1');
      const ready = handle.whenReady();
      server.say(say.status(status));
      await expect(ready).resolves.toMatchObject({ status });
      expect(handle.fields).toEqual({});
      expect(handle.token).toBeUndefined();
    },
  );

  it('[HAN10] ends the wait alone when its signal aborts, and with an error when the handle is closed', async () => {
    const { server, weft } = createTestClient();
    await server.accept();
    const handle = weft.note('n1');
    const controller = new AbortController();
    const aborted = handle.whenReady({ signal: controller.signal });
    const closed = handle.whenReady();
    controller.abort(new Error('no longer needed'));
    await expect(aborted).rejects.toThrow('no longer needed');
    expect(server.all('unsubscribe')).toEqual([]);
    handle.close();
    await expect(closed).rejects.toThrow('closed');
  });

  it('[SES3] shows what others change, in order', async () => {
    const { server, handle } = await openNote();
    server.say(say.changed('t2', { title: 'B' }));
    server.say(say.changed('t3', { status: 'done' }));
    expect(handle.peek()).toMatchObject({ fields: { ...FIELDS, title: 'B', status: 'done' }, token: 't3' });
    server.say(say.deleted('t4'));
    expect(handle.status).toBe('deleted');
  });

  it('[HAN2] has one object for one state, whose unchanged parts stay the same', async () => {
    const { server, handle } = await openNote();
    const before = handle.peek();
    const listener = vi.fn();
    handle.subscribe(listener);
    server.say(say.state('t1'));
    expect(listener).not.toHaveBeenCalled();
    expect(handle.peek()).toBe(before);
    void handle.change({ title: 'B' });
    expect(listener).toHaveBeenCalledOnce();
    const after = handle.peek();
    expect(after).not.toBe(before);
    expect(after.conflicts).toBe(before.conflicts);
    if (before.status !== 'existing' || after.status !== 'existing') throw new Error('the note exists');
    expect(after.confirmed).toBe(before.confirmed);
  });

  it('[HAN11] lets no listener keep another from being called, nor from unsubscribing', async () => {
    const { server, handle, reports } = await openNote();
    const stopped = vi.fn();
    const last = vi.fn();
    handle.subscribe(() => {
      stop();
      throw new Error('a listener failed');
    });
    const stop = handle.subscribe(stopped);
    handle.subscribe(last);
    server.say(say.changed('t2', { title: 'B' }));
    expect(stopped).not.toHaveBeenCalled();
    expect(last).toHaveBeenCalledOnce();
    expect(reports).toEqual([{ kind: 'listener-failed', error: new Error('a listener failed') }]);
  });
});

describe('writing', () => {
  it('[HAN2] shows a change at once, and as confirmed when its event came', async () => {
    const client = await openNote();
    const { server, handle } = client;
    const result = handle.change({ title: 'B' });
    expect(handle.peek()).toMatchObject({
      fields: { title: 'B' },
      confirmed: { title: 'Plan' },
      pending: ['title'],
      saveState: { status: 'saving' },
    });
    const key = nextKey(client);
    server.say(say.changed('t2', { title: 'B' }, key));
    server.say(say.accepted(key, 't2', { title: 'B' }));
    expect(handle.peek()).toMatchObject({
      fields: { title: 'B' },
      confirmed: { title: 'B' },
      pending: [],
      token: 't2',
      saveState: { status: 'saved' },
    });
    await expect(result).resolves.toEqual({
      outcome: 'accepted',
      changed: ['title'],
      fields: { ...FIELDS, title: 'B' },
      token: 't2',
    });
  });

  it('[HAN2] never shows the old value in between, where the outcome comes before the event', async () => {
    const client = await openNote();
    const { server, handle } = client;
    const titles = new Set<unknown>();
    handle.subscribe(() => titles.add(handle.fields.title));
    void handle.change({ title: 'B' });
    const key = nextKey(client);
    server.say(say.accepted(key, 't2', { title: 'B' }));
    expect(handle.saveState).toMatchObject({ status: 'saved' });
    expect(handle.peek()).toMatchObject({ pending: ['title'], confirmed: { title: 'Plan' }, token: 't1' });
    server.say(say.changed('t2', { title: 'B' }, key));
    expect(handle.peek()).toMatchObject({ pending: [], confirmed: { title: 'B' }, token: 't2' });
    expect([...titles]).toEqual(['B']);
    expect(server.all('subscribe')).toHaveLength(1);
  });

  it('[HAN2] does not take newer values of others back, where the event comes long before the outcome', async () => {
    const client = await openNote();
    const { server, handle } = client;
    void handle.change({ title: 'B' });
    const key = nextKey(client);
    server.say(say.changed('t2', { title: 'B' }, key));
    server.say(say.changed('t3', { title: 'C' }));
    expect(handle.fields.title).toBe('C');
    server.say(say.accepted(key, 't2', { title: 'B' }));
    expect(handle.peek()).toMatchObject({ fields: { title: 'C' }, token: 't3' });
  });

  it('[HAN2] takes back just what was refused', async () => {
    const client = await openNote();
    const { server, handle } = client;
    const refused = handle.change({ title: 'B', status: 'done' });
    void handle.change({ status: 'open', tags: ['x'] });
    server.say(say.rejected(nextKey(client)));
    expect(handle.peek()).toMatchObject({
      fields: { title: 'Plan', status: 'open', tags: ['x'] },
      pending: ['status', 'tags'],
    });
    await expect(refused).resolves.toEqual({
      outcome: 'rejected',
      code: 'invalid-fields',
      detail: 'not like this',
    });
  });

  it('[CMD4] drops a change that changed nothing without waiting for an event', async () => {
    const client = await openNote();
    const { server, handle } = client;
    void handle.change({ title: 'Plan' });
    server.say(say.accepted(nextKey(client), 't1', {}));
    expect(handle.peek()).toMatchObject({ pending: [], saveState: { status: 'saved' } });
  });

  it('[HAN3] sends one command after the other, each with a key of its own', async () => {
    const client = await openNote();
    const { server, handle } = client;
    for (const title of ['A', 'B', 'C']) void handle.change({ title });
    expect(server.all('command')).toHaveLength(1);
    const first = nextKey(client);
    server.say(say.changed('t2', { title: 'A' }, first));
    expect(server.all('command')).toHaveLength(1);
    server.say(say.accepted(first, 't2', { title: 'A' }));
    server.say(say.rejected(nextKey(client)));
    const patches = server
      .all('command')
      .map(({ command }) => command.kind === 'change' && command.patch.title);
    expect(patches).toEqual(['A', 'B', 'C']);
    expect(new Set(server.all('command').map(({ key }) => key)).size).toBe(3);
  });

  it('[HAN3] does not make one aggregate wait for another', async () => {
    const { server, handle, weft } = await openNote();
    void handle.change({ title: 'A' });
    void weft.note('n2').change({ title: 'B' });
    expect(server.all('command').map(({ id }) => id)).toEqual(['n1', 'n2']);
  });

  it('[CMD1] creates with the initial values, which show at once', async () => {
    const client = createTestClient();
    const { server, weft } = client;
    await server.accept();
    const handle = weft.note('n1');
    server.say(say.status('missing'));
    const created = handle.create({ title: 'New' });
    expect(handle.peek()).toMatchObject({
      status: 'existing',
      fields: { ...FIELDS, title: 'New' },
      confirmed: undefined,
      token: undefined,
    });
    const { key, command } = server.take('command');
    expect(command).toEqual({ kind: 'create', fields: { title: 'New' } });
    server.say(say.accepted(key, 't1', { title: 'New' }));
    server.say(say.created('t1', { ...FIELDS, title: 'New' }, key));
    await expect(created).resolves.toMatchObject({ outcome: 'accepted', token: 't1' });
    expect(handle.peek()).toMatchObject({ confirmed: { title: 'New' }, pending: [], token: 't1' });
  });

  it('[CMD5] shows a deletion until the event has come, and a deletion that was refused no longer', async () => {
    const client = await openNote();
    const { server, handle } = client;
    const refused = handle.delete();
    expect(handle.status).toBe('deleted');
    server.say(say.conflict(nextKey(client), 't2', { title: { was: 'Plan', is: 'B', want: undefined } }));
    await expect(refused).resolves.toMatchObject({ outcome: 'conflict' });
    expect(handle.status).toBe('existing');
    void handle.delete();
    const key = nextKey(client);
    server.say(say.accepted(key, 't3', {}));
    expect(handle.status).toBe('deleted');
    server.say(say.deleted('t3', key));
    expect(handle.peek()).toMatchObject({ status: 'deleted', saveState: { status: 'saved' } });
  });

  it('[HAN4] answers at once what the definition refuses, and sends nothing', async () => {
    const { server, handle } = await openNote();
    const misspelt = { titel: 'B' } as object;
    await expect(handle.change(misspelt)).resolves.toMatchObject({
      outcome: 'rejected',
      code: 'invalid-fields',
      errors: [{ path: 'titel' }],
    });
    await expect(handle.change({ title: '' })).resolves.toMatchObject({ errors: [{ path: 'title' }] });
    await expect(handle.create({} as { title: string })).resolves.toMatchObject({
      errors: [{ path: 'title' }],
    });
    expect(server.all('command')).toEqual([]);
    expect(handle.peek()).toMatchObject({ fields: FIELDS, saveState: { status: 'saved' } });
  });

  it('[HAN4] refuses what would end the session by its size', async () => {
    const { server, handle } = await openNote();
    await expect(handle.change({ title: 'é'.repeat(140_000) })).resolves.toMatchObject({
      outcome: 'rejected',
      code: 'malformed-request',
    });
    expect(server.all('command')).toEqual([]);
  });

  it('[HAN4] rejects only on misuse', async () => {
    const { handle } = await openNote();
    await expect(handle.change({ title: 1n as unknown as string })).rejects.toThrow(TypeError);
    handle.close();
    await expect(handle.change({ title: 'B' })).rejects.toThrow('closed');
    await expect(handle.create({ title: 'B' })).rejects.toThrow('closed');
    await expect(handle.delete()).rejects.toThrow('closed');
    expect(() => handle.text('body')).toThrow('closed');
  });

  it('[HAN2] is not touched by what the caller does with the values later', async () => {
    const { handle, server } = await openNote();
    const tags = ['x'];
    void handle.change({ tags });
    tags.push('y');
    expect(handle.fields.tags).toEqual(['x']);
    expect(server.all('command')[0]?.command).toMatchObject({ patch: { tags: ['x'] } });
  });

  it('[HAN6] [TOK12] shows and sends values as their schemas make them, so that the next change saw what is stored', async () => {
    const client = await openNote();
    const { server, handle } = client;
    void handle.change({ title: ' B ' });
    expect(handle.fields.title).toBe('B');
    void handle.change({ title: 'C' });
    const { key, command } = server.take('command');
    expect(command).toMatchObject({ patch: { title: 'B' } });
    server.say(say.accepted(key, 't2', { title: 'B' }));
    expect(server.take('command').command).toMatchObject({ seen: { title: 'B' } });
    const created = client.weft.note('n2');
    server.say({ type: 'state', aggregate: 'note', id: 'n2', state: { status: 'missing' } });
    void created.create({ title: ' New ' });
    expect(created.fields).toEqual({ ...FIELDS, title: 'New' });
    expect(server.take('command').command).toEqual({ kind: 'create', fields: { title: 'New' } });
  });

  it.each([
    ['missing', 'not-found'],
    ['deleted', 'deleted'],
  ] as const)(
    '[HAN6] asks nothing of what was seen as %s, though it may be there by now',
    async (status, code) => {
      const { weft, server } = createTestClient();
      await server.accept();
      const handle = weft.note('n1');
      server.say(say.status(status));
      const seen = handle.peek();
      const unseen = { outcome: 'rejected', code };
      expect(await handle.change({ title: 'Mine' })).toMatchObject(unseen);
      server.say(say.state('t1'));
      expect(await handle.change({ title: 'Mine' }, { seen })).toMatchObject(unseen);
      expect(await handle.delete({ seen })).toMatchObject(unseen);
      expect(server.all('command')).toEqual([]);
    },
  );

  it('[CMD3] replaces an object, though what is sent is a merge patch', async () => {
    const { handle, server } = await openNote();
    server.say(say.changed('t2', { place: { room: 'A', floor: 2 } }));
    void handle.change({ place: { floor: 3 } });
    expect(handle.fields.place).toEqual({ floor: 3 });
    expect(server.take('command').command).toMatchObject({
      patch: { place: { room: null, floor: 3 } },
      seen: { place: { room: 'A', floor: 2 } },
    });
  });
});

describe('what the author saw', () => {
  it('[HAN6] is the confirmed token and the values on display, with those of the group', async () => {
    const { server, handle } = await openNote();
    void handle.change({ title: 'B', start: '2026-01-01' });
    expect(server.take('command').command).toEqual({
      kind: 'change',
      patch: { title: 'B', start: '2026-01-01' },
      token: 't1',
      seen: { title: 'Plan', start: null, end: null },
    });
  });

  it('[HAN6] includes own changes on their way, and nothing of what came while a command waited', async () => {
    const client = await openNote();
    const { server, handle } = client;
    void handle.change({ title: 'B' });
    void handle.change({ title: 'C' });
    server.say(say.changed('t2', { title: 'Theirs' }));
    server.say(say.conflict(nextKey(client), 't2', { title: { was: 'Plan', is: 'Theirs', want: 'B' } }));
    expect(server.take('command').command).toMatchObject({ token: 't1', seen: { title: 'B' } });
  });

  it('[HAN6] is the state that is passed along, where one is', async () => {
    const { server, handle } = await openNote();
    const seen = handle.peek();
    server.say(say.changed('t2', { title: 'Theirs' }));
    void handle.change({ title: 'B' }, { seen });
    expect(server.take('command').command).toMatchObject({ token: 't1', seen: { title: 'Plan' } });
  });

  it('[HAN6] is the values alone, after a creation that is still on its way', async () => {
    const client = createTestClient();
    await client.server.accept();
    const handle = client.weft.note('n1');
    void handle.create({ title: 'New' });
    void handle.change({ title: 'Newer' });
    client.server.say(say.accepted(nextKey(client), 't1', { title: 'New' }));
    const { command } = client.server.take('command');
    expect(command).toMatchObject({ kind: 'change', patch: { title: 'Newer' }, seen: { title: 'New' } });
    expect(command).not.toHaveProperty('token');
  });

  it('[HAN6] [TOK12] has the author’s own values that are on their way, whatever they are of', async () => {
    const { server, handle } = await openNote();
    void handle.change({ status: 'done' });
    void handle.change({ title: 'B' });
    server.say(say.accepted(server.take('command').key, 't2', { status: 'done' }));
    expect(server.take('command').command).toEqual({
      kind: 'change',
      patch: { title: 'B' },
      token: 't1',
      seen: { title: 'Plan', status: 'done' },
    });
  });

  it('[HAN6] is everything, for a deletion', async () => {
    const { server, handle } = await openNote();
    void handle.change({ title: 'B' });
    void handle.delete();
    server.say(say.accepted(server.take('command').key, 't2', { title: 'B' }));
    expect(server.take('command').command).toEqual({
      kind: 'delete',
      token: 't1',
      seen: { ...FIELDS, title: 'B' },
    });
  });

  it('[TOK3] is nothing while it is loading: then nothing is detected', async () => {
    const client = createTestClient();
    await client.server.accept();
    void client.weft.note('n1').change({ title: 'B' });
    expect(client.server.take('command').command).toEqual({ kind: 'change', patch: { title: 'B' } });
  });
});

describe('without a connection', () => {
  it('[HAN4] queues, and settles with what the server decides later', async () => {
    const client = await openNote();
    const { server, clock, handle } = client;
    server.lose();
    const result = await handle.change({ title: 'B' });
    if (result.outcome !== 'queued') throw new Error('it must be queued');
    expect(handle.peek()).toMatchObject({ fields: { title: 'B' }, saveState: { status: 'offline' } });
    clock.advance(125);
    await server.accept({ attempt: 2 });
    expect(handle.saveState).toMatchObject({ status: 'saving' });
    server.say(say.unchanged('t1'));
    expect(server.all('command')).toMatchObject([{ key: result.key, command: { token: 't1' } }]);
    server.say(say.accepted(result.key, 't2', { title: 'B' }));
    await expect(result.settled).resolves.toMatchObject({ outcome: 'accepted', token: 't2' });
  });

  it('[HAN4] queues what was not answered when the connection went', async () => {
    const { server, handle } = await openNote();
    const sent = handle.change({ title: 'B' });
    const waiting = handle.change({ title: 'C' });
    server.lose();
    await expect(sent).resolves.toMatchObject({ outcome: 'queued' });
    await expect(waiting).resolves.toMatchObject({ outcome: 'queued' });
  });

  it('[HAN4] waits for the first attempt to connect, and queues when that fails', async () => {
    const { server, weft } = createTestClient();
    const handle = weft.note('n1');
    const early = handle.create({ title: 'New' });
    await vi.waitFor(() => expect(server.sockets).toHaveLength(1));
    server.lose();
    await expect(early).resolves.toMatchObject({ outcome: 'queued' });
  });

  it('[HAN4] queues where the server refused the client, and sends when it no longer does', async () => {
    const { server, weft, handle } = await openNote();
    server.lose(4401, 'expired');
    const result = await handle.change({ title: 'B' });
    expect(result.outcome).toBe('queued');
    weft.connection.reconnect();
    await server.accept({ attempt: 2 });
    expect(server.all('command')).toHaveLength(1);
  });

  it('[HAN3] sends the unanswered command again, first and with its key, and the rest after its answer', async () => {
    const client = await openNote();
    const { server, clock, handle } = client;
    void handle.change({ title: 'B' });
    void handle.change({ status: 'done' });
    const key = nextKey(client);
    server.lose();
    clock.advance(125);
    await server.accept({ attempt: 2 });
    expect(server.all('command')).toMatchObject([{ key, command: { patch: { title: 'B' }, token: 't1' } }]);
    server.say(say.state('t1'));
    server.say(say.accepted(key, 't2', { title: 'B' }));
    expect(server.all('command')[1]?.command).toMatchObject({ patch: { status: 'done' }, token: 't1' });
  });

  it('[HAN9] asks for what is newer than it knows, and shows that', async () => {
    const { server, clock, handle } = await openNote();
    server.lose();
    clock.advance(125);
    await server.accept({ attempt: 2 });
    expect(server.all('subscribe')).toMatchObject([{ after: 't1' }]);
    // Nothing may be built on a state that is not confirmed on this connection.
    server.say(say.changed('t9', { title: 'stray' }));
    expect(handle.fields.title).toBe('Plan');
    server.say(say.state('t5', { title: 'Theirs' }));
    server.say(say.changed('t6', { status: 'done' }));
    expect(handle.peek()).toMatchObject({ fields: { title: 'Theirs', status: 'done' }, token: 't6' });
  });

  it('[HAN9] drops a command whose answer came before the loss with the state that comes after', async () => {
    const client = await openNote();
    const { server, clock, handle } = client;
    void handle.change({ title: 'B' });
    server.say(say.accepted(nextKey(client), 't2', { title: 'B' }));
    server.lose();
    expect(handle.fields.title).toBe('B');
    clock.advance(125);
    await server.accept({ attempt: 2 });
    server.say(say.state('t3', { title: 'Theirs' }));
    expect(handle.peek()).toMatchObject({ fields: { title: 'Theirs' }, pending: [] });
  });

  it('[HAN9] reads anew where a repeated command was applied at the first time', async () => {
    const client = await openNote();
    const { server, clock, handle } = client;
    void handle.change({ title: 'B' });
    const key = nextKey(client);
    server.lose();
    clock.advance(125);
    await server.accept({ attempt: 2 });
    // The state holds the change already, and a newer one of somebody else.
    server.say(say.state('t3', { title: 'Theirs' }));
    expect(handle.fields.title).toBe('B');
    server.say(say.accepted(key, 't2', { title: 'B' }));
    expect(server.take('unsubscribe')).toMatchObject({ id: 'n1' });
    expect(server.all('subscribe')).toMatchObject([{ after: 't1' }, { after: 't3' }]);
    expect(handle.fields.title).toBe('B');
    server.say(say.unchanged('t3'));
    expect(handle.peek()).toMatchObject({
      fields: { title: 'Theirs' },
      pending: [],
      saveState: { status: 'saved' },
    });
  });

  it('[HAN9] reads nothing anew where the event of a repeated command comes', async () => {
    const client = await openNote();
    const { server, clock, handle } = client;
    void handle.change({ title: 'B' });
    const key = nextKey(client);
    server.lose();
    clock.advance(125);
    await server.accept({ attempt: 2 });
    server.say(say.unchanged('t1'));
    server.say(say.changed('t2', { title: 'B' }, key));
    server.say(say.accepted(key, 't2', { title: 'B' }));
    expect(server.all('subscribe')).toHaveLength(1);
    expect(handle.peek()).toMatchObject({ pending: [], token: 't2' });
  });

  it('[HAN9] waits for the second answer where it asked while the first was on its way', async () => {
    const client = createTestClient();
    const { server, weft } = client;
    await server.accept();
    const handle = weft.note('n1');
    void handle.change({ title: 'B' });
    server.say(say.accepted(nextKey(client), 't2', { title: 'B' }));
    // Read before the change was applied, so that it proves nothing.
    server.say(say.state('t1'));
    expect(handle.fields.title).toBe('B');
    expect(server.all('subscribe')).toMatchObject([{}, { after: 't1' }]);
    server.say(say.state('t2', { title: 'B' }));
    expect(handle.peek()).toMatchObject({ pending: [], token: 't2' });
  });
});

describe('conflicts', () => {
  /** A conflict on the title: seen as Plan, stored as Theirs, wanted as Mine. */
  async function openConflict() {
    const client = await openNote();
    const { server, handle } = client;
    const result = handle.change({ title: 'Mine', status: 'done' });
    server.say(say.changed('t2', { title: 'Theirs' }));
    server.say(say.conflict(nextKey(client), 't2', { title: { was: 'Plan', is: 'Theirs', want: 'Mine' } }));
    const [conflict] = handle.conflicts;
    if (!conflict) throw new Error('there must be a conflict');
    return { ...client, result, conflict };
  }

  it('[HAN5] are open with what was seen, what is stored and what was asked, by whom and when', async () => {
    const { handle, result, conflict } = await openConflict();
    expect(conflict.fields).toEqual([
      { field: 'title', was: 'Plan', is: 'Theirs', want: 'Mine', by: BOB, at: AT },
    ]);
    await expect(result).resolves.toEqual({ outcome: 'conflict', conflict });
    expect(handle.fields).toMatchObject({ title: 'Theirs', status: 'open' });
    expect(handle.saveState).toEqual({ status: 'blocked', pending: 0, reasons: ['conflict'] });
  });

  it('[HAN5] resolved with mine ask again for what was asked, over what is there', async () => {
    const { server, handle, conflict } = await openConflict();
    const resolved = conflict.resolve('mine');
    expect(handle.conflicts).toEqual([]);
    expect(handle.fields.title).toBe('Mine');
    const { key, command } = server.take('command');
    expect(command).toMatchObject({ kind: 'change', token: 't2', seen: { title: 'Theirs' } });
    const asked = { title: 'Mine', status: 'done' };
    server.say(say.changed('t3', asked, key));
    server.say(say.accepted(key, 't3', asked));
    await expect(resolved).resolves.toMatchObject({ outcome: 'accepted' });
    expect(handle.peek()).toMatchObject({ fields: asked, conflicts: [] });
  });

  it('[HAN5] resolved with mine ask again for what was not in conflict, as it was seen then', async () => {
    const { server, handle, conflict } = await openConflict();
    server.say(say.changed('t3', { status: 'done', tags: ['theirs'] }));
    server.say(say.changed('t4', { status: 'open' }));
    void conflict.resolve('mine');
    expect(handle.fields).toMatchObject({ title: 'Mine', status: 'done' });
    expect(server.take('command').command).toEqual({
      kind: 'change',
      patch: { title: 'Mine', status: 'done' },
      token: 't2',
      seen: { title: 'Theirs', status: 'open' },
    });
  });

  it('[HAN5] [HAN6] leave what was not in conflict to another conflict, where it is newer by then', async () => {
    const client = await openNote();
    const { server, handle } = client;
    void handle.change({ title: 'Mine', start: 'mine' });
    server.say(say.conflict(nextKey(client), 't2', { title: { was: 'Plan', is: 'Theirs', want: 'Mine' } }));
    server.say(say.state('t3', { title: 'Theirs', start: 'theirs', end: 'theirs' }));
    void handle.conflicts[0]?.resolve('mine');
    const { key, command } = server.take('command');
    // Neither the start that is on display nor the end that goes with it was ever agreed to.
    expect(command).toMatchObject({ token: 't2', seen: { title: 'Theirs', start: null, end: null } });
    server.say(say.conflict(key, 't3', { start: { was: null, is: 'theirs', want: 'mine' } }));
    void handle.conflicts[0]?.resolve('mine');
    expect(server.take('command').command).toMatchObject({
      patch: { title: 'Mine', start: 'mine' },
      seen: { title: 'Theirs', start: 'theirs' },
    });
  });

  it('[HAN5] on one field ask with mine for what each of them asked besides, as each author saw it', async () => {
    const client = await openNote();
    const { server, handle } = client;
    void handle.change({ title: 'Mine', status: 'done' });
    void handle.change({ title: 'Mine too', remark: 'mine' });
    const conflictOn = (was: string, want: string) =>
      server.say(say.conflict(nextKey(client), 't2', { title: { was, is: 'Theirs', want } }));
    conflictOn('Plan', 'Mine');
    // It says that its author saw the status done, which never came to be.
    conflictOn('Mine', 'Mine too');
    expect(handle.conflicts).toHaveLength(1);
    void handle.conflicts[0]?.resolve('mine');
    expect(server.take('command').command).toEqual({
      kind: 'change',
      patch: { title: 'Mine too', status: 'done', remark: 'mine' },
      token: 't2',
      seen: { title: 'Theirs', status: 'open', remark: '' },
    });
  });

  it('[HAN5] resolved with theirs leave what is there', async () => {
    const { server, handle, conflict } = await openConflict();
    await expect(conflict.resolve('theirs')).resolves.toMatchObject({ outcome: 'accepted', changed: [] });
    expect(handle.peek()).toMatchObject({ fields: { title: 'Theirs' }, conflicts: [] });
    expect(server.all('command')).toHaveLength(1);
  });

  it('[HAN5] resolved with a value ask for that', async () => {
    const { server, handle, conflict } = await openConflict();
    void conflict.resolve({ title: 'Both' });
    expect(handle.conflicts).toEqual([]);
    expect(server.take('command').command).toMatchObject({
      patch: { title: 'Both' },
      token: 't2',
      seen: { title: 'Theirs' },
    });
  });

  it('[HAN5] are judged by what they showed: a value that is newer still is another conflict', async () => {
    const { server, handle, conflict } = await openConflict();
    server.say(say.changed('t3', { title: 'Newer' }));
    void conflict.resolve('mine');
    const { key, command } = server.take('command');
    expect(command).toMatchObject({ token: 't2', seen: { title: 'Theirs' } });
    server.say(say.conflict(key, 't3', { title: { was: 'Theirs', is: 'Newer', want: 'Mine' } }));
    expect(handle.conflicts).toMatchObject([{ fields: [{ was: 'Theirs', is: 'Newer', want: 'Mine' }] }]);
    expect(handle.fields.title).toBe('Newer');
  });

  it('[HAN5] are open again where their resolution is refused', async () => {
    const { server, handle, conflict } = await openConflict();
    const resolved = conflict.resolve({ title: 'Both' });
    server.say(say.rejected(server.take('command').key));
    await expect(resolved).resolves.toMatchObject({ outcome: 'rejected' });
    expect(handle.conflicts).toEqual([conflict]);
    await expect(conflict.resolve({ title: '' })).resolves.toMatchObject({ outcome: 'rejected' });
    expect(handle.conflicts).toEqual([conflict]);
  });

  it('[HAN5] on one field are one, with the newest values and what was seen first', async () => {
    const { server, handle, conflict } = await openConflict();
    void handle.change({ title: 'Mine too' });
    server.say(
      say.conflict(server.take('command').key, 't3', {
        title: { was: 'Theirs', is: 'Newer', want: 'Mine too' },
      }),
    );
    expect(handle.conflicts).toMatchObject([
      { id: conflict.id, fields: [{ field: 'title', was: 'Plan', is: 'Newer', want: 'Mine too' }] },
    ]);
    void handle.conflicts[0]?.resolve('mine');
    expect(server.take('command').command).toMatchObject({ token: 't3', seen: { title: 'Newer' } });
  });

  it('[HAN5] show what is stored by the time that somebody decides', async () => {
    const client = await openNote();
    const { server, handle } = client;
    void handle.change({ title: 'Mine' });
    const was = { title: { was: 'Plan', is: 'Theirs', want: 'Mine' } };
    server.say(say.conflict(nextKey(client), 't2', was));
    // An event that is older than the conflict changes nothing of it.
    server.say(say.changed('t1b', { title: 'Before' }));
    expect(handle.conflicts).toMatchObject([{ fields: [{ is: 'Theirs' }] }]);
    server.say(say.changed('t2', { title: 'Theirs' }));
    const [conflict] = handle.conflicts;
    server.say(say.changed('t3', { title: 'Newer' }));
    expect(handle.conflicts).toMatchObject([
      { id: conflict?.id, fields: [{ was: 'Plan', is: 'Newer', want: 'Mine', by: BOB, at: AT }] },
    ]);
    void handle.conflicts[0]?.resolve('mine');
    expect(server.take('command').command).toMatchObject({
      patch: { title: 'Mine' },
      seen: { title: 'Newer' },
    });
  });

  it('[HAN5] of a group are resolved as a whole', async () => {
    const client = await openNote();
    const { server, handle } = client;
    void handle.change({ start: '2026-02-01' });
    server.say(
      say.conflict(nextKey(client), 't2', {
        start: { was: null, is: null, want: '2026-02-01' },
        end: { was: null, is: '2026-01-15', want: null },
      }),
    );
    void handle.conflicts[0]?.resolve('mine');
    expect(server.take('command').command).toEqual({
      kind: 'change',
      patch: { start: '2026-02-01', end: null },
      token: 't2',
      seen: { start: null, end: '2026-01-15' },
    });
  });

  it('[HAN5] of a deletion ask again for the deletion', async () => {
    const client = await openNote();
    const { server, handle } = client;
    void handle.delete();
    server.say(say.conflict(nextKey(client), 't2', { title: { was: 'Plan', is: 'B', want: undefined } }));
    void handle.conflicts[0]?.resolve('mine');
    expect(server.take('command').command).toEqual({
      kind: 'delete',
      token: 't2',
      seen: { ...FIELDS, title: 'B' },
    });
  });

  it('[TOK9] without fields show what is stored beside what was asked, and read it anew', async () => {
    const client = await openNote();
    const { server, handle } = client;
    void handle.change({ title: 'Mine' });
    server.say(say.conflict(nextKey(client), 't7', {}));
    expect(handle.conflicts).toMatchObject([
      {
        fields: [{ field: 'title', was: undefined, is: 'Plan', want: 'Mine', by: undefined, at: undefined }],
      },
    ]);
    expect(server.all('subscribe')).toHaveLength(2);
    void handle.conflicts[0]?.resolve('mine');
    expect(server.take('command').command).toMatchObject({ token: 't7', seen: { title: 'Plan' } });
  });

  it('[TOK14] of a partial outcome leave the rest applied', async () => {
    const client = await openNote();
    const { server, handle } = client;
    const result = handle.change({ title: 'Mine', status: 'done' });
    const key = nextKey(client);
    const conflicts = [{ field: 'title', was: 'Plan', is: 'Theirs', want: 'Mine', by: BOB, at: AT }];
    const fields = { ...FIELDS, title: 'Theirs', status: 'done' };
    server.say(say.changed('t2', { title: 'Theirs' }));
    server.say(
      say.outcome(key, { outcome: 'partial', changed: ['status'], fields, token: toToken('t3'), conflicts }),
    );
    server.say(say.changed('t3', { status: 'done' }, key));
    await expect(result).resolves.toMatchObject({ outcome: 'conflict' });
    expect(handle.peek()).toMatchObject({ fields, pending: [], conflicts: [{ fields: conflicts }] });
    void handle.conflicts[0]?.resolve('mine');
    expect(server.take('command').command).toMatchObject({ patch: { title: 'Mine' } });
    expect(handle.peek()).toMatchObject({ pending: ['title'] });
  });
});

describe('what makes no sense', () => {
  it.each([
    ['an outcome that nobody waits for', say.accepted('unheard-of', 't2', {})],
    ['a channel that was never opened', { type: 'text-opened', channel: 7, epoch: '0' } as const],
  ])('[HAN11] is reported and ignored: %s', async (_what, message) => {
    const { server, handle, reports } = await openNote();
    const before = handle.peek();
    server.say(message);
    expect(reports).toMatchObject([{ kind: 'invalid-message' }]);
    expect(handle.peek()).toBe(before);
  });

  it('[HAN11] is reported and ignored: unchanged since a token that was not sent', async () => {
    const { server, clock, handle, reports } = await openNote();
    server.lose();
    clock.advance(15_000);
    await server.accept({ attempt: 2 });
    const before = handle.peek();
    server.say(say.unchanged('t9'));
    expect(reports).toMatchObject([{ kind: 'invalid-message' }]);
    expect(handle.peek()).toBe(before);
  });

  it('[HAN11] is ignored where it answers what an earlier handle had asked', async () => {
    const { server, weft, reports } = createTestClient();
    await server.accept();
    const handle = weft.note('n1');
    server.say(say.unchanged('t9'));
    expect(handle.status).toBe('loading');
    server.say(say.state('t1'));
    expect(handle.status).toBe('existing');
    expect(reports).toEqual([]);
  });

  it('[HAN11] leads to reading anew, where it is a change of what is not there', async () => {
    const client = createTestClient();
    await client.server.accept();
    const handle = client.weft.note('n1');
    client.server.say(say.status('missing'));
    client.server.say(say.changed('t2', { title: 'B' }));
    expect(client.reports).toMatchObject([{ kind: 'invalid-message' }]);
    expect(handle.status).toBe('missing');
    expect(client.server.all('subscribe')).toHaveLength(2);
  });

  it('[HAN11] is a second outcome, which changes nothing', async () => {
    const client = await openNote();
    const { server, handle, reports } = client;
    const result = handle.change({ title: 'B' });
    const key = nextKey(client);
    server.say(say.changed('t2', { title: 'B' }, key));
    server.say(say.accepted(key, 't2', { title: 'B' }));
    server.say(say.rejected(key));
    await expect(result).resolves.toMatchObject({ outcome: 'accepted' });
    expect(handle.fields.title).toBe('B');
    expect(reports).toHaveLength(1);
  });

  it('[SES6] is told to the application where the server could not serve a message', async () => {
    const { server, reports } = await openNote();
    server.say({ type: 'error', code: 'too-many-subscriptions', message: 'close some' });
    expect(reports).toEqual([{ kind: 'server-error', code: 'too-many-subscriptions', detail: 'close some' }]);
  });
});

describe('closing', () => {
  it('[HAN10] ends the subscription and its listeners, once', async () => {
    const { server, handle, reports } = await openNote();
    const listener = vi.fn();
    handle.subscribe(listener);
    handle.close();
    handle.close();
    expect(server.all('unsubscribe')).toHaveLength(1);
    server.say(say.changed('t2', { title: 'late' }));
    expect(listener).not.toHaveBeenCalled();
    expect(reports).toEqual([]);
  });

  it('[HAN10] is what `await using` does at the end of a block', async () => {
    const { server, weft } = createTestClient();
    await server.accept();
    {
      await using handle = weft.note('n2');
      expect(handle.status).toBe('loading');
    }
    expect(server.all('unsubscribe')).toMatchObject([{ id: 'n2' }]);
  });

  it('[HAN3] still sends what was asked before, in order with what a new handle asks', async () => {
    const client = await openNote();
    const { server, weft, handle } = client;
    const first = handle.change({ title: 'B' });
    void handle.change({ status: 'done' });
    handle.close();
    expect(server.all('unsubscribe')).toEqual([]);
    const again = weft.note('n1');
    expect(again).not.toBe(handle);
    expect(again.peek()).toMatchObject({
      fields: { title: 'B', status: 'done' },
      saveState: { status: 'saving' },
    });
    void again.change({ title: 'C' });
    for (const token of ['t2', 't3', 't4']) server.say(say.accepted(nextKey(client), token, {}));
    await expect(first).resolves.toMatchObject({ outcome: 'accepted' });
    expect(server.all('command').map(({ command }) => command.kind === 'change' && command.patch)).toEqual([
      { title: 'B' },
      { status: 'done' },
      { title: 'C' },
    ]);
  });

  it('[HAN10] unsubscribes when the last answer of a closed handle has come', async () => {
    const client = await openNote();
    const { server, handle } = client;
    void handle.change({ title: 'B' });
    handle.close();
    server.say(say.accepted(nextKey(client), 't2', { title: 'B' }));
    expect(server.all('unsubscribe')).toHaveLength(1);
  });

  it('[HAN4] of the client settles what is not answered', async () => {
    const { server, weft, handle } = await openNote();
    const sent = handle.change({ title: 'B' });
    void weft.close();
    await expect(sent).resolves.toMatchObject({ outcome: 'rejected', code: 'closed' });
    await expect(handle.change({ title: 'C' })).rejects.toThrow('closed');
    expect(() => weft.note('n1')).toThrow('closed');
    expect(server.socket.isClosedByClient).toBe(true);
  });

  it('[HAN4] of the client settles what was queued', async () => {
    const { server, weft, handle } = await openNote();
    server.lose();
    const result = await handle.change({ title: 'B' });
    if (result.outcome !== 'queued') throw new Error('it must be queued');
    void weft.close();
    await expect(result.settled).resolves.toMatchObject({ outcome: 'rejected', code: 'closed' });
  });

  it('[SAV2] [HAN5] leaves conflicts to be decided, in the same place', async () => {
    const client = await openNote();
    const { server, weft, handle } = client;
    void handle.change({ title: 'Mine' });
    server.say(say.conflict(nextKey(client), 't2', { title: { was: 'Plan', is: 'B', want: 'Mine' } }));
    const [conflict] = handle.conflicts;
    handle.close();
    expect(weft.note('n1').conflicts).toEqual([conflict]);
    expect(weft.saveState.peek()).toMatchObject({ status: 'blocked', reasons: ['conflict'] });
    const resolved = conflict?.resolve('mine');
    server.say(say.accepted(nextKey(client), 't3', { title: 'Mine' }));
    await expect(resolved).resolves.toMatchObject({ outcome: 'accepted' });
  });

  it('[HAN4] of the client leaves conflicts that can no longer be resolved, and says so', async () => {
    const client = await openNote();
    const { server, weft, handle } = client;
    void handle.change({ title: 'Mine' });
    server.say(say.conflict(nextKey(client), 't2', { title: { was: 'Plan', is: 'B', want: 'Mine' } }));
    const [conflict] = handle.conflicts;
    await weft.close();
    await expect(conflict?.resolve('mine')).resolves.toMatchObject({ outcome: 'rejected', code: 'closed' });
  });
});
