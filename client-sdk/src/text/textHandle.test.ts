import { describe, expect, it, onTestFinished, vi } from 'vitest';
import * as awarenessProtocol from 'y-protocols/awareness';
import * as Y from 'yjs';
import { createTestClient, say } from '../testSupport/createTestClient.ts';
import { ALICE, BOB } from '../testSupport/fakeServer.ts';
import { askForBody, openBody, reconnect, type TestClient } from '../testSupport/openTestBody.ts';

/** What the client says of itself in the newest awareness frame. */
function readPresence({ server }: TestClient): awarenessProtocol.Awareness {
  const others = new awarenessProtocol.Awareness(new Y.Doc());
  onTestFinished(() => others.destroy());
  for (const { frame } of server.socket.frames) {
    if (frame.kind === 'awareness') awarenessProtocol.applyAwarenessUpdate(others, frame.states, 'test');
  }
  return others;
}

describe('opening', () => {
  it('[HAN8] waits until the server is known to have the aggregate', async () => {
    const { server, weft } = createTestClient();
    await server.accept();
    const handle = weft.note('n1');
    const body = handle.text('body');
    server.say(say.status('missing'));
    await Promise.resolve();
    expect(server.all('open-text')).toEqual([]);
    expect(body.peek()).toEqual({ status: 'connecting', saveState: { status: 'saved' }, epoch: undefined });
    server.say(say.created('t1', { title: 'New' }));
    await vi.waitFor(() =>
      expect(server.all('open-text')).toEqual([
        { type: 'open-text', channel: 1, aggregate: 'note', id: 'n1', field: 'body' },
      ]),
    );
  });

  it('[HAN8] synchronises both ways over one channel', async () => {
    const { body, room } = await askForBody();
    room.doc.getText('body').insert(0, 'there before. ');
    body.ytext.insert(0, 'typed while opening. ');
    expect(body.peek()).toMatchObject({ status: 'connecting', saveState: { status: 'saving', pending: 1 } });
    const synced = body.whenSynced();
    await room.open();
    room.answer();
    await expect(synced).resolves.toMatchObject({ status: 'synced' });
    expect(body.ytext.toJSON()).toBe(room.text());
    expect(room.text()).toContain('typed while opening');
    room.type('theirs. ');
    expect(body.ytext.toJSON()).toBe(room.text());
    body.ytext.insert(0, 'mine. ');
    room.answer();
    expect(room.text()).toBe(body.ytext.toJSON());
  });

  it('[HAN1] is the same text until it is closed, in a document whose root has the field’s name', async () => {
    const { handle, body } = await askForBody();
    expect(handle.text('body')).toBe(body);
    expect(handle.text('summary')).not.toBe(body);
    expect(body.doc.getText('body')).toBe(body.ytext);
    expect(() => handle.text('title' as 'body')).toThrow(TypeError);
    body.close();
    expect(handle.text('body')).not.toBe(body);
  });

  it('[CON4] needs one socket for many texts', async () => {
    const { server, weft, handle } = await openBody();
    handle.text('summary');
    weft.note('n2').text('body');
    server.say({ ...say.state('t1'), id: 'n2' } as typeof server.say extends (message: infer M) => void
      ? M
      : never);
    await vi.waitFor(() => expect(server.all('open-text').map(({ channel }) => channel)).toEqual([1, 2, 3]));
    expect(server.sockets).toHaveLength(1);
  });

  it('[HAN10] ends the wait alone when its signal aborts, and with an error when it is closed', async () => {
    const { body } = await askForBody();
    const controller = new AbortController();
    const aborted = body.whenSynced({ signal: controller.signal });
    const closed = body.whenSynced();
    controller.abort(new Error('no longer needed'));
    await expect(aborted).rejects.toThrow('no longer needed');
    body.close();
    await expect(closed).rejects.toThrow('closed');
    expect(body.peek()).toMatchObject({ status: 'closed', code: 1000 });
  });
});

describe('saving', () => {
  it('[HAN7] is saved only when every update sent is durable', async () => {
    const { body, handle, room } = await openBody();
    expect(handle.saveState.status).toBe('saved');
    const seen = ['saved'];
    handle.subscribe(() => {
      const { status } = handle.saveState;
      if (status !== seen.at(-1)) seen.push(status);
    });
    body.ytext.insert(0, 'a');
    expect(body.peek()).toEqual({
      status: 'synced',
      saveState: { status: 'saving', pending: 1 },
      epoch: '0',
    });
    body.ytext.insert(1, 'b');
    room.answer();
    room.save(room.updates - 1);
    expect(handle.saveState.status).toBe('saving');
    room.save();
    expect(body.peek()).toEqual({ status: 'synced', saveState: { status: 'saved' }, epoch: '0' });
    expect(seen).toEqual(['saved', 'saving', 'saved']);
  });

  it('[HAN7] is saved only when fields and texts are', async () => {
    const { server, body, handle, room } = await openBody();
    body.ytext.insert(0, 'a');
    void handle.change({ title: 'B' });
    const { key } = server.take('command');
    server.say(say.changed('t2', { title: 'B' }, key));
    server.say(say.accepted(key, 't2', { title: 'B' }));
    expect(handle.saveState.status).toBe('saving');
    room.answer();
    room.save();
    expect(handle.saveState.status).toBe('saved');
  });

  it('[HAN7] has nothing to save of what others type', async () => {
    const { body, handle, room } = await openBody();
    room.type('theirs');
    expect(body.ytext.toJSON()).toBe('theirs');
    expect(handle.saveState.status).toBe('saved');
  });

  it('[HAN8] sends what was typed offline, and calls it saved when the new channel has said so', async () => {
    const client = await openBody();
    const { server, body, handle, room } = client;
    body.ytext.insert(0, 'sent, not durable. ');
    server.lose();
    expect(body.peek()).toMatchObject({ status: 'offline', saveState: { status: 'offline', pending: 1 } });
    body.ytext.insert(0, 'typed offline. ');
    await reconnect(client);
    expect(handle.saveState.status).toBe('saving');
    await room.open();
    expect(handle.saveState.status).toBe('saving');
    room.answer();
    expect(room.text()).toBe('typed offline. sent, not durable. ');
    expect(body.peek()).toMatchObject({ status: 'synced', saveState: { status: 'saving', pending: 1 } });
    room.save();
    expect(handle.saveState.status).toBe('saved');
  });

  it('[HAN7] takes nothing that was said of another channel for saved', async () => {
    const client = await openBody();
    const { server, body, handle, room } = client;
    body.ytext.insert(0, 'a');
    const old = room.channel;
    server.lose();
    await reconnect(client);
    await room.open();
    server.sayFrame(old, { kind: 'saved', count: 2 });
    expect(handle.saveState.status).toBe('saving');
    expect(client.reports).toEqual([]);
  });

  it('[HAN11] reports what makes no sense on a channel, and goes on', async () => {
    const { server, body, room, reports } = await openBody();
    room.save(99);
    server.sayRaw(new Uint8Array([room.channel, 77, 1, 2]).buffer);
    server.sayFrame(room.channel + 5, { kind: 'query-awareness' });
    server.sayFrame(room.channel, { kind: 'awareness', states: new Uint8Array([1, 1, 1, 1, 33]) });
    expect(reports.map(({ kind }) => kind)).toEqual(Array(4).fill('invalid-message'));
    room.type('still here');
    expect(body.ytext.toJSON()).toBe('still here');
  });
});

describe('a channel that is closed', () => {
  it('[TXT13] for good is not asked for again', async () => {
    const { server, clock, body, room } = await openBody();
    const waiting = body.whenSynced();
    server.say({ type: 'text-closed', channel: room.channel, code: 4404, reason: 'it was deleted' });
    await expect(waiting).resolves.toBeDefined();
    expect(body.peek()).toEqual({
      status: 'closed',
      code: 4404,
      reason: 'it was deleted',
      saveState: { status: 'saved' },
      epoch: '0',
    });
    clock.advance(15_000);
    await new Promise((resolve) => setTimeout(resolve));
    expect(server.all('open-text')).toHaveLength(1);
    expect(server.all('close-text')).toEqual([]);
  });

  it('[CON2] for now is asked for again after a while that grows', async () => {
    const { server, clock, body, room } = await openBody();
    for (const [round, pause] of [125, 250, 500].entries()) {
      const channel = server.all('open-text').at(-1)?.channel ?? NaN;
      server.say({ type: 'text-closed', channel, code: 4503, reason: 'restarting' });
      expect(body.peek().status).toBe('connecting');
      await new Promise((resolve) => setTimeout(resolve));
      clock.advance(pause - 1);
      expect(server.all('open-text')).toHaveLength(round + 1);
      clock.advance(1);
      await vi.waitFor(() => expect(server.all('open-text')).toHaveLength(round + 2));
    }
    room.type('still the same text');
    await room.open();
    room.answer();
    expect(body.ytext.toJSON()).toBe('still the same text');
  });

  it('[TXT15] is better than the session, where a frame would be too big', async () => {
    const { server, weft, body, room } = await openBody();
    body.ytext.insert(0, 'x'.repeat(8 * 1024 * 1024));
    await vi.waitFor(() => expect(body.peek()).toMatchObject({ status: 'closed', code: 4413 }));
    expect(body.peek().saveState.status).toBe('blocked');
    expect(room.newFrames()).toEqual([]);
    expect(server.all('close-text')).toEqual([{ type: 'close-text', channel: room.channel }]);
    expect(weft.connection.peek()).toMatchObject({ state: 'online' });
  });
});

describe('presence', () => {
  it('[TXT12] says who this is, as editor bindings show it', async () => {
    const { body } = await openBody();
    expect(body.awareness.getLocalState()).toEqual({
      user: { ...ALICE, color: expect.any(String), colorLight: expect.any(String) },
    });
  });

  it('[TXT12] leaves what the application says of itself, until somebody else is welcomed', async () => {
    const client = await openBody();
    const { server, clock, body } = client;
    body.awareness.setLocalStateField('user', { name: 'Al', color: 'red' });
    server.lose();
    await reconnect(client);
    expect(body.awareness.getLocalState()?.user).toEqual({ name: 'Al', color: 'red' });
    server.lose();
    clock.advance(15_000);
    await server.accept({ attempt: 3, user: BOB });
    expect(body.awareness.getLocalState()?.user).toMatchObject(BOB);
  });

  it('[TXT12] is newer after a reconnect than what the others were told when this one left', async () => {
    const client = await openBody();
    const { server, body, room } = client;
    const id = body.doc.clientID;
    const before = readPresence(client).meta.get(id)?.clock ?? NaN;
    server.lose();
    await reconnect(client);
    await room.open();
    expect(readPresence(client).meta.get(id)?.clock).toBeGreaterThan(before);
    expect(readPresence(client).getStates().has(id)).toBe(true);
  });

  it('[TXT12] ends for the others when the text is closed', async () => {
    const client = await openBody();
    expect(readPresence(client).getStates().has(client.body.doc.clientID)).toBe(true);
    client.body.close();
    expect(readPresence(client).getStates().has(client.body.doc.clientID)).toBe(false);
  });
});

describe('closing', () => {
  it('[HAN10] closes the channel, once, and hears no more', async () => {
    const { server, body, room, reports } = await openBody();
    const listener = vi.fn();
    body.subscribe(listener);
    body.close();
    body.close();
    expect(server.all('close-text')).toEqual([{ type: 'close-text', channel: room.channel }]);
    expect(listener).toHaveBeenCalledOnce();
    room.type('late');
    expect(body.ytext.toJSON()).toBe('');
    expect(reports).toEqual([]);
  });

  it('[HAN10] comes with the handle, and with the client', async () => {
    const { server, weft, handle, body } = await openBody();
    const summary = handle.text('summary');
    handle.close();
    expect(body.peek().status).toBe('closed');
    expect(summary.peek().status).toBe('closed');
    const other = weft.note('n1').text('body');
    void weft.close();
    expect(other.peek().status).toBe('closed');
    expect(server.all('close-text')).toHaveLength(1);
  });

  it('[HAN8] loses no edit: what is not saved is still sent, and a new handle shows it', async () => {
    const client = await openBody();
    const { server, weft, handle, body, room } = client;
    server.lose();
    body.ytext.insert(0, 'typed offline');
    handle.close();
    const again = weft.note('n1').text('body');
    expect(again).not.toBe(body);
    expect(again.ytext.toJSON()).toBe('typed offline');
    expect(again.awareness.getLocalState()).toMatchObject({});
    weft.note('n1').close();
    await reconnect(client);
    await room.open();
    room.answer();
    expect(room.text()).toBe('typed offline');
    expect(server.all('close-text')).toEqual([]);
    room.save();
    expect(server.all('close-text')).toHaveLength(1);
    expect(server.all('unsubscribe')).toHaveLength(1);
  });

  it('[HAN10] leaves no timer and no listener behind, in whatever state', async () => {
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    const atExit = process.listenerCount('exit');
    const asked = await askForBody();
    const open = await openBody();
    const pausing = await openBody();
    pausing.server.say({
      type: 'text-closed',
      channel: pausing.room.channel,
      code: 4503,
      reason: 'restarting',
    });
    const offline = await openBody();
    offline.server.lose();
    offline.body.ytext.insert(0, 'unsaved');
    await vi.advanceTimersByTimeAsync(0);
    expect(vi.getTimerCount()).toBeGreaterThan(0);
    for (const { weft, clock } of [asked, open, pausing, offline]) {
      void weft.close();
      expect(clock.timers).toBe(0);
    }
    expect(vi.getTimerCount()).toBe(0);
    expect(process.listenerCount('exit')).toBe(atExit);
  });

  it('[HAN10] adds nothing to the process for each text, which Node would warn of', async () => {
    const atExit = process.listenerCount('exit');
    const { handle, weft } = await askForBody();
    handle.text('summary');
    for (let index = 0; index < 12; index++) weft.note(`m${index}`).text('body');
    expect(process.listenerCount('exit')).toBe(atExit);
  });
});
