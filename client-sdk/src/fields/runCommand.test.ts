import { describe, expect, it } from 'vitest';
import type { FieldValues } from '../../protocol/outcome.ts';
import { AT, createTestClient, say, toToken } from '../testSupport/createTestClient.ts';
import { BOB } from '../testSupport/fakeServer.ts';
import { FIELDS } from '../testSupport/noteDefinition.ts';

/** A note that the server knows, at token t1. */
async function openNote(fields: FieldValues = {}) {
  const client = createTestClient();
  await client.server.accept();
  const handle = client.weft.note('n1');
  client.server.say(say.state('t1', fields));
  return { ...client, handle };
}

type Client = Awaited<ReturnType<typeof openNote>>;

/** Answers the oldest command that was not answered, and returns its key. */
function accept({ server }: Pick<Client, 'server'>, token: string, changed: FieldValues): string {
  const { key } = server.take('command');
  const fields = { ...FIELDS, ...changed };
  const applied = { changed: Object.keys(changed), fields, token: toToken(token) };
  server.say(say.outcome(key, { outcome: 'accepted', ...applied }));
  return key;
}

const now = ({ clock }: Pick<Client, 'clock'>) => new Date(clock.now()).toISOString();

describe('a domain command', () => {
  it('[HAN12] shows at once what the definition decides, and is answered with its output', async () => {
    const { server, handle } = await openNote();
    const result = handle.run('close', { tag: 'x' });
    expect(handle.peek()).toMatchObject({
      fields: { title: 'Plan', status: 'done', tags: ['x'] },
      confirmed: { status: 'open', tags: [] },
      pending: ['status', 'tags'],
      saveState: { status: 'saving' },
    });
    const { key } = server.take('command');
    const changes = { status: 'done', tags: ['x'] };
    const applied = {
      outcome: 'accepted' as const,
      changed: ['status', 'tags'],
      fields: { ...FIELDS, ...changes },
      token: toToken('t2'),
      output: { tags: 1 },
    };
    server.say(say.outcome(key, applied));
    server.say(say.changed('t2', changes, key));
    await expect(result).resolves.toEqual(applied);
    expect(handle.peek()).toMatchObject({
      confirmed: changes,
      pending: [],
      token: 't2',
      saveState: { status: 'saved' },
    });
  });

  it('[HAN6] [HAN12] says what its author saw of what it reads and touches, with the groups', async () => {
    const { server, handle } = await openNote();
    void handle.run('stamp', {});
    expect(server.take('command').command).toEqual({
      kind: 'invoke',
      name: 'stamp',
      input: {},
      token: 't1',
      seen: { title: 'Plan', start: null, end: null },
    });
  });

  it('[HAN6] [HAN12] says that its author saw an earlier state, where one is passed along', async () => {
    const { server, handle } = await openNote();
    const seen = handle.peek();
    server.say(say.changed('t2', { title: 'Theirs' }));
    void handle.run('close', { tag: 'x' }, { seen });
    expect(server.take('command').command).toMatchObject({ token: 't1', seen: { title: 'Plan' } });
  });

  it('[HAN6] [TOK12] says which of its author’s own values are on their way', async () => {
    const client = await openNote();
    const { server, handle } = client;
    void handle.change({ place: { floor: 2 } });
    void handle.run('close', { tag: 'x' });
    accept(client, 't2', { place: { floor: 2 } });
    expect(server.take('command').command).toMatchObject({ token: 't1', seen: { place: { floor: 2 } } });
  });

  it('[HAN12] is decided with the aggregate’s id, the user and the client’s time', async () => {
    const client = await openNote();
    void client.handle.run('stamp', {});
    expect(client.handle.fields).toMatchObject({ start: now(client), end: 'Plan by Alice' });
  });

  it('[HAN12] builds on what earlier ones show', async () => {
    const { handle } = await openNote();
    void handle.change({ title: 'B' });
    void handle.run('close', { tag: 'x' });
    void handle.change({ status: 'open' });
    void handle.run('close', { tag: 'y' });
    expect(handle.fields).toMatchObject({ title: 'B', status: 'done', tags: ['x', 'y'] });
  });

  it('[HAN2] [HAN12] takes back just its own when the server refuses it', async () => {
    const { server, handle } = await openNote();
    const refused = handle.run('close', { tag: 'x' });
    void handle.change({ title: 'B' });
    const answer = { outcome: 'rejected', code: 'refused', detail: 'not now' } as const;
    server.say(say.outcome(server.take('command').key, answer));
    expect(handle.peek()).toMatchObject({ fields: { title: 'B', status: 'open', tags: [] } });
    await expect(refused).resolves.toEqual(answer);
  });

  it('[HAN4] [HAN12] is answered at once where its input is refused, and nothing is sent', async () => {
    const { server, handle } = await openNote();
    await expect(handle.run('close', { tag: '' })).resolves.toMatchObject({
      outcome: 'rejected',
      code: 'invalid-input',
      errors: [{ path: 'tag' }],
    });
    expect(server.all('command')).toEqual([]);
    expect(handle.peek()).toMatchObject({ fields: FIELDS, saveState: { status: 'saved' } });
  });

  it('[HAN4] [HAN12] rejects only on misuse', async () => {
    const { handle } = await openNote();
    for (const name of ['clos', 'toString']) {
      await expect(handle.run(name as 'stamp', {})).rejects.toThrow(TypeError);
    }
    await expect(handle.run('close', { tag: 1n as unknown as string })).rejects.toThrow(TypeError);
    handle.close();
    await expect(handle.run('stamp', {})).rejects.toThrow('closed');
  });

  it('[HAN12] is not touched by what the caller does with the input later', async () => {
    const { server, handle, clock } = await openNote();
    server.lose();
    const input = { tag: 'x' };
    void handle.run('close', input);
    input.tag = 'y';
    clock.advance(125);
    await server.accept({ attempt: 2 });
    expect(server.take('command').command).toMatchObject({ input: { tag: 'x' } });
    expect(handle.fields.tags).toEqual(['x']);
  });

  it('[HAN3] [HAN4] [HAN12] is queued and shown without a connection, and sent with its key until answered', async () => {
    const { server, clock, handle } = await openNote();
    server.lose();
    const result = await handle.run('close', { tag: 'x' });
    if (result.outcome !== 'queued') throw new Error('it must be queued');
    expect(handle.peek()).toMatchObject({ fields: { status: 'done' }, saveState: { status: 'offline' } });
    clock.advance(125);
    await server.accept({ attempt: 2 });
    server.say(say.unchanged('t1'));
    const first = server.take('command');
    expect(first.key).toBe(result.key);
    server.lose();
    clock.advance(10_000);
    await server.accept({ attempt: 3 });
    expect(server.take('command')).toEqual(first);
  });
});

describe('what cannot be foreseen', () => {
  it('[HAN12] is left to the server where what is on display refuses it', async () => {
    const client = await openNote({ status: 'done' });
    const { server, handle } = client;
    const result = handle.run('close', { tag: 'x' });
    expect(handle.peek()).toMatchObject({ fields: { status: 'done', tags: [] }, pending: [] });
    expect(server.all('command')).toMatchObject([{ command: { name: 'close', seen: { title: 'Plan' } } }]);
    accept(client, 't3', { status: 'done', tags: ['x'] });
    await expect(result).resolves.toMatchObject({ outcome: 'accepted' });
    expect(handle.fields.tags).toEqual(['x']);
  });

  it('[HAN12] is not shown while the state is loading: then nothing is detected', async () => {
    const client = createTestClient();
    await client.server.accept();
    const handle = client.weft.note('n1');
    void handle.run('close', { tag: 'x' });
    expect(handle.status).toBe('loading');
    expect(client.server.take('command').command).toEqual({
      kind: 'invoke',
      name: 'close',
      input: { tag: 'x' },
    });
  });

  it('[HAN12] is not shown while it is not known who decides', async () => {
    const { weft, server } = createTestClient();
    const handle = weft.note('n1');
    void handle.create({ title: 'New' });
    void handle.run('stamp', {});
    expect(handle.fields).toEqual({ ...FIELDS, title: 'New' });
    await server.accept();
    void handle.run('stamp', {});
    expect(handle.fields.end).toBe('New by Alice');
  });

  it('[HAN12] is reported where the definition throws, and the command is sent all the same', async () => {
    const { server, handle, reports } = await openNote();
    void handle.run('break', {});
    expect(reports).toEqual([{ kind: 'decide-failed', error: new Error('the definition has a fault') }]);
    expect(handle.peek()).toMatchObject({ fields: FIELDS, pending: [], saveState: { status: 'saving' } });
    expect(server.take('command').command).toMatchObject({ name: 'break', seen: {} });
  });

  it('[HAN12] gives way to what the server made of it, before its event has come', async () => {
    const client = await openNote();
    const { server, handle } = client;
    void handle.run('stamp', {});
    const made = { start: AT, end: 'Plan by Alice' };
    const key = accept(client, 't2', made);
    expect(handle.peek()).toMatchObject({
      fields: made,
      confirmed: { start: null },
      saveState: { status: 'saved' },
    });
    server.say(say.changed('t2', made, key));
    expect(handle.peek()).toMatchObject({ fields: made, confirmed: made, pending: [] });
  });

  it('[HAN6] [HAN12] [TOK12] is what the author of the next command saw as the server made it', async () => {
    const client = await openNote();
    const { server, handle } = client;
    const seen = handle.peek();
    void handle.run('stamp', {});
    void handle.change({ status: 'done' });
    void handle.change({ start: 'later' }, { seen });
    void handle.run('stamp', {});
    const foreseen = handle.fields.end;
    accept(client, 't2', { start: AT, end: 'made there' });
    const saw = () => {
      const { key, command } = server.take('command');
      server.say(say.rejected(key));
      return command.kind === 'create' ? undefined : command.seen;
    };
    expect(saw()).toEqual({ status: 'open', start: AT, end: 'made there' });
    // Its author decided on an earlier state.
    expect(saw()).toEqual({ start: null, end: null });
    expect(saw()).toEqual({ title: 'Plan', status: 'done', start: 'later', end: 'made there' });
    expect(foreseen).toBe('Plan by Alice');
  });

  it('[HAN6] [HAN12] [TOK12] leaves what its author saw of a field that the server touched besides', async () => {
    const client = await openNote();
    const { server, handle } = client;
    const seen = handle.peek();
    server.say(say.changed('t2', { remark: 'theirs' }));
    void handle.run('mark', {});
    void handle.change({ remark: 'mine' }, { seen });
    void handle.change({ remark: 'mine, later' });
    accept(client, 't3', { status: 'done', remark: 'theirs, marked' });
    const { key, command } = server.take('command');
    expect(command).toMatchObject({ token: 't1', seen: { remark: '' } });
    server.say(say.rejected(key));
    expect(server.take('command').command).toMatchObject({ token: 't2', seen: { remark: 'mine' } });
  });

  it('[HAN6] [HAN9] [TOK12] leaves what its author saw of a newer value, after a reconnect', async () => {
    const client = await openNote();
    const { server, clock, handle } = client;
    void handle.run('finish', { at: 'noon' });
    const { key } = server.take('command');
    server.lose();
    clock.advance(125);
    await server.accept({ attempt: 2 });
    server.say(say.state('t4', { status: 'done', start: 'noon', remark: 'theirs' }));
    void handle.change({ remark: 'mine' });
    const made = { status: 'done', tags: ['finished'], start: 'noon', end: 'noon', remark: 'older' };
    expect(accept(client, 't3', made)).toBe(key);
    expect(server.all('command').at(-1)?.command).toMatchObject({ token: 't4', seen: { remark: 'theirs' } });
  });

  it('[HAN6] [HAN12] [TOK12] is also that a field stays as it is', async () => {
    const client = await openNote();
    const { server, handle } = client;
    void handle.run('stamp', {});
    // At the same time: nothing is expected to change.
    void handle.run('stamp', {});
    void handle.change({ start: 'later' });
    accept(client, 't2', { start: 'first', end: 'Plan by Alice' });
    accept(client, 't3', { start: 'second', end: 'Plan by Alice' });
    expect(server.take('command').command).toMatchObject({ seen: { start: 'second' } });
  });

  it('[TOK10] [TOK12] leaves alone what a policy made of it and of somebody else’s value', async () => {
    const { server, handle } = await openNote();
    void handle.run('close', { tag: 'x' });
    void handle.change({ tags: ['y'] });
    const tags = ['theirs', 'x'];
    server.say(
      say.outcome(server.take('command').key, {
        outcome: 'merged',
        changed: ['status', 'tags'],
        fields: { ...FIELDS, status: 'done', tags },
        token: toToken('t3'),
        lost: [{ field: 'tags', was: [], is: ['theirs'], want: tags, kept: tags }],
      }),
    );
    expect(server.take('command').command).toMatchObject({ seen: { status: 'done', tags: ['x'] } });
  });
});

describe('a command of several events', () => {
  const scheduled = { start: 'noon', end: 'noon' };
  const closed = { status: 'done', tags: ['finished'] };
  const all = { ...scheduled, ...closed };

  /** What was on display, each time that it changed. */
  function watch({ handle }: Client) {
    const shown = new Set<string>();
    handle.subscribe(() => shown.add(JSON.stringify([handle.fields.start, handle.fields.status])));
    return shown;
  }

  it.each(['before', 'between', 'after'])(
    '[HAN2] [HAN12] shows all of them until the last one has come, the answer %s them',
    async (when) => {
      const client = await openNote();
      const { server, handle } = client;
      const shown = watch(client);
      void handle.run('finish', { at: 'noon' });
      const [sent] = server.all('command');
      const key = sent?.key ?? '';
      if (when === 'before') accept(client, 't3', all);
      server.say(say.changed('t2', scheduled, key));
      expect(handle.peek()).toMatchObject({ fields: all, confirmed: { ...scheduled, status: 'open' } });
      if (when === 'between') accept(client, 't3', all);
      server.say(say.changed('t3', closed, key));
      if (when === 'after') accept(client, 't3', all);
      expect(handle.peek()).toMatchObject({
        fields: all,
        confirmed: all,
        pending: [],
        saveState: { status: 'saved' },
      });
      expect([...shown]).toEqual(['["noon","done"]']);
      expect(server.all('subscribe')).toHaveLength(1);
    },
  );

  it('[HAN2] [HAN6] [HAN12] [TOK12] is not shown, nor decided on, between two events of the same field', async () => {
    const client = await openNote();
    const { server, handle } = client;
    const shown = watch(client);
    void handle.run('reschedule', { at: 'noon' });
    const key = server.all('command')[0]?.key ?? '';
    server.say(say.changed('t2', { start: 'cleared', end: 'cleared' }, key));
    expect(handle.peek()).toMatchObject({
      fields: { start: 'noon' },
      confirmed: { start: 'cleared' },
      pending: ['start', 'end'],
    });
    void handle.change({ start: 'later' });
    accept(client, 't3', { start: 'noon', end: 'noon' });
    expect(server.take('command').command).toMatchObject({
      token: 't2',
      seen: { start: 'noon', end: 'noon' },
    });
    server.say(say.changed('t3', { start: 'noon', end: 'noon' }, key));
    expect(handle.peek()).toMatchObject({ fields: { start: 'later' }, pending: ['start'] });
    expect([...shown]).toEqual(['["noon","open"]', '["later","open"]']);
  });

  it('[HAN9] [HAN12] shows newer values of a state that is read after some of its events', async () => {
    const client = await openNote();
    const { server, clock, handle } = client;
    void handle.run('finish', { at: 'noon' });
    const { key } = server.take('command');
    server.say(say.changed('t2', scheduled, key));
    server.lose();
    expect(handle.fields).toMatchObject(all);
    clock.advance(125);
    await server.accept({ attempt: 2 });
    server.say(say.state('t4', { ...all, start: 'theirs' }));
    expect(handle.peek()).toMatchObject({ fields: { start: 'theirs', status: 'done' }, pending: [] });
    expect(accept(client, 't3', all)).toBe(key);
    expect(handle.peek()).toMatchObject({
      fields: { start: 'theirs' },
      saveState: { status: 'saved' },
      token: 't4',
    });
    expect(server.all('subscribe')).toHaveLength(1);
  });

  it('[HAN2] [HAN12] does not take newer values of others back, where they come before the answer', async () => {
    const client = await openNote();
    const { server, handle } = client;
    void handle.run('finish', { at: 'noon' });
    const [sent] = server.all('command');
    server.say(say.changed('t2', scheduled, sent?.key));
    server.say(say.changed('t3', closed, sent?.key));
    server.say(say.changed('t4', { start: 'theirs' }));
    expect(handle.fields.start).toBe('theirs');
    accept(client, 't3', all);
    expect(handle.peek()).toMatchObject({ fields: { start: 'theirs' }, pending: [], token: 't4' });
  });
});

describe('a conflict of a command', () => {
  const read = { field: 'title', was: 'Plan', is: 'Theirs', by: BOB, at: AT };
  const touched = { field: 'tags', was: [], is: ['a'], want: ['a', 'x'], by: BOB, at: AT };

  async function openConflict() {
    const client = await openNote();
    const { server, handle } = client;
    const result = handle.run('close', { tag: 'x' });
    server.say(say.changed('t2', { title: 'Theirs', tags: ['a'] }));
    const conflicts = [touched, read];
    const { key } = server.take('command');
    server.say(say.outcome(key, { outcome: 'conflict', conflicts, token: toToken('t2') }));
    const [conflict] = handle.conflicts;
    if (!conflict) throw new Error('there must be a conflict');
    return { ...client, result, conflict };
  }

  it('[HAN5] [HAN12] names the command, and what it reads without wanting it', async () => {
    const { handle, result, conflict } = await openConflict();
    expect(conflict).toMatchObject({ command: 'close', fields: [touched, { ...read, want: undefined }] });
    await expect(result).resolves.toEqual({ outcome: 'conflict', conflict });
    expect(handle.peek()).toMatchObject({ fields: { title: 'Theirs', status: 'open', tags: ['a'] } });
  });

  it('[HAN5] [HAN12] resolved with mine carries the command out again, on what is there', async () => {
    const { server, handle, conflict } = await openConflict();
    server.say(say.changed('t3', { title: 'Newer' }));
    const resolved = conflict.resolve('mine');
    expect(handle.peek()).toMatchObject({ conflicts: [], fields: { status: 'done', tags: ['a', 'x'] } });
    const { key, command } = server.take('command');
    expect(command).toEqual({
      kind: 'invoke',
      name: 'close',
      input: { tag: 'x' },
      token: 't2',
      seen: { title: 'Theirs', status: 'open', tags: ['a'] },
    });
    const changed = { status: 'done', tags: ['a', 'x'] };
    const applied = {
      changed: Object.keys(changed),
      fields: { ...FIELDS, ...changed },
      token: toToken('t4'),
    };
    server.say(say.outcome(key, { outcome: 'accepted', ...applied, output: { tags: 2 } }));
    await expect(resolved).resolves.toMatchObject({ outcome: 'accepted', output: { tags: 2 } });
  });

  it('[HAN5] [HAN12] resolved with theirs leaves what is there, and with values asks for those', async () => {
    const { server, handle, conflict } = await openConflict();
    await expect(conflict.resolve('theirs')).resolves.toMatchObject({ outcome: 'accepted', changed: [] });
    expect(handle.conflicts).toEqual([]);
    void conflict.resolve({ tags: ['both'] });
    expect(server.take('command').command).toEqual({
      kind: 'change',
      patch: { tags: ['both'] },
      token: 't2',
      seen: { tags: ['a'] },
    });
  });

  it('[HAN5] [HAN12] stays by itself, so that neither of two commands is lost', async () => {
    const { server, handle, conflict } = await openConflict();
    const conflictOn = (field: string) => {
      const conflicts = [{ field, was: 1, is: 2, want: 3, by: BOB, at: AT }];
      const { key } = server.take('command');
      server.say(say.outcome(key, { outcome: 'conflict', conflicts, token: toToken('t3') }));
    };
    void handle.run('close', { tag: 'y' });
    conflictOn('tags');
    void handle.change({ tags: ['z'] });
    conflictOn('tags');
    expect(handle.conflicts.map(({ command }) => command)).toEqual(['close', 'close', undefined]);
    expect(handle.conflicts[0]).toBe(conflict);
    void handle.conflicts[1]?.resolve('mine');
    expect(server.take('command').command).toMatchObject({ input: { tag: 'y' }, token: 't3' });
  });

  it('[HAN5] [HAN12] is open again, once, where its resolution is refused', async () => {
    const { server, handle, conflict } = await openConflict();
    const resolved = [conflict.resolve('mine'), conflict.resolve('mine')];
    for (const result of resolved) {
      server.say(
        say.outcome(server.take('command').key, { outcome: 'rejected', code: 'refused', detail: '' }),
      );
      await expect(result).resolves.toMatchObject({ outcome: 'rejected' });
    }
    expect(handle.conflicts).toEqual([conflict]);
  });
});
