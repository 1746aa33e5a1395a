import { describe, expect, it } from 'vitest';
import { createTestClient, say } from './testSupport/createTestClient.ts';

async function openNote() {
  const client = createTestClient();
  await client.server.accept();
  const handle = client.weft.note('n1');
  client.server.say(say.state('t1'));
  return { ...client, handle };
}

const told = { title: { was: 'Plan', is: 'Theirs', want: 'Mine' } };

describe('saveState', () => {
  it('[SAV1] tells how many commands are on their way, and that all are answered', async () => {
    const { server, handle } = await openNote();
    expect(handle.saveState).toEqual({ status: 'saved' });
    void handle.change({ title: 'B' });
    void handle.change({ title: 'C' });
    expect(handle.saveState).toEqual({ status: 'saving', pending: 2 });
    server.say(say.accepted(server.take('command').key, 't2', { title: 'B' }));
    expect(handle.saveState).toEqual({ status: 'saving', pending: 1 });
    server.say(say.accepted(server.take('command').key, 't3', { title: 'C' }));
    expect(handle.saveState).toEqual({ status: 'saved' });
  });

  it('[SAV1] is offline without a connection, whatever waits', async () => {
    const { server, handle } = await openNote();
    server.lose();
    expect(handle.saveState).toEqual({ status: 'offline', pending: 0 });
    await handle.change({ title: 'B' });
    expect(handle.saveState).toEqual({ status: 'offline', pending: 1 });
  });

  it('[SAV1] is blocked while a conflict waits for a decision, also offline', async () => {
    const { server, handle } = await openNote();
    const changed = handle.change({ title: 'Mine' });
    server.say(say.conflict(server.take('command').key, 't2', told));
    await changed;
    const blocked = { status: 'blocked', pending: 0, reasons: ['conflict'] };
    expect(handle.saveState).toEqual(blocked);
    server.lose();
    expect(handle.saveState).toEqual(blocked);
    await handle.conflicts[0]?.resolve('theirs');
    expect(handle.saveState).toEqual({ status: 'offline', pending: 0 });
  });

  it('[SAV1] [CON3] is blocked where something waits and the server will not have this client', async () => {
    const { server, handle, weft } = await openNote();
    server.lose(4403, 'not you');
    expect(handle.saveState).toEqual({ status: 'offline', pending: 0 });
    await handle.change({ title: 'B' });
    const blocked = { status: 'blocked', pending: 1, reasons: ['connection-refused'] };
    expect(handle.saveState).toEqual(blocked);
    expect(weft.saveState.peek()).toEqual(blocked);
  });

  it('[SAV2] of the client is that of everything, also of what is closed', async () => {
    const { server, handle, weft } = await openNote();
    const states: unknown[] = [];
    weft.saveState.subscribe(() => states.push(weft.saveState.peek()));
    void handle.change({ title: 'B' });
    void weft.note('n2').create({ title: 'New' });
    handle.close();
    expect(weft.saveState.peek()).toEqual({ status: 'saving', pending: 2 });
    server.say(say.accepted(server.take('command').key, 't2', { title: 'B' }));
    server.say(say.accepted(server.take('command').key, 't1', { title: 'New' }));
    expect(states).toEqual([
      { status: 'saving', pending: 1 },
      { status: 'saving', pending: 2 },
      { status: 'saving', pending: 1 },
      { status: 'saved' },
    ]);
    expect(weft.saveState.peek()).toBe(states.at(-1));
  });

  it('[SAV2] can be waited for', async () => {
    const { server, handle, weft } = await openNote();
    await weft.whenSaved();
    void handle.change({ title: 'B' });
    let isSaved = false;
    const saved = weft.whenSaved().then(() => (isSaved = true));
    await Promise.resolve();
    expect(isSaved).toBe(false);
    server.say(say.accepted(server.take('command').key, 't2', { title: 'B' }));
    await expect(saved).resolves.toBe(true);
    void handle.change({ title: 'C' });
    await expect(weft.whenSaved({ signal: AbortSignal.abort(new Error('enough')) })).rejects.toThrow(
      'enough',
    );
    const waiting = weft.whenSaved();
    void weft.close();
    await expect(waiting).rejects.toThrow('closed');
  });
});
