import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { defineAggregate } from '../protocol/defineAggregate.ts';
import { createClient } from './createClient.ts';
import * as entry from './index.ts';
import { createTestClient, say } from './testSupport/createTestClient.ts';
import { createFakeServer } from './testSupport/fakeServer.ts';
import { newerNote, note } from './testSupport/noteDefinition.ts';

describe('creating a client', () => {
  it('[HAN4] throws where the URL is no http address, or where a name is taken twice', () => {
    const { createSocket } = createFakeServer();
    expect(() => createClient({ url: 'localhost', aggregates: [note], createSocket })).toThrow(TypeError);
    const twin = defineAggregate('note', { fields: {} });
    expect(() => createClient({ url: 'http://server', aggregates: [note, twin], createSocket })).toThrow(
      TypeError,
    );
  });

  it('[CON3] needs no more than a URL and definitions, and opens the global socket', async () => {
    const server = createFakeServer();
    vi.stubGlobal('WebSocket', function OpenedSocket(url: string) {
      return server.createSocket(url);
    });
    onTestFinished(() => void vi.unstubAllGlobals());
    const weft = createClient({ url: 'http://server', aggregates: [note], token: 'Alice' });
    onTestFinished(() => weft.close());
    await server.accept();
    expect(server.take('hello')).toMatchObject({ token: 'Alice' });
  });

  it('[HAN11] reports to the page by default, and is not harmed by a report that fails', async () => {
    const server = createFakeServer();
    const reportError = vi.fn(() => {
      throw new Error('the report failed');
    });
    vi.stubGlobal('reportError', reportError);
    onTestFinished(() => void vi.unstubAllGlobals());
    const weft = createClient({
      url: 'http://server',
      aggregates: [note],
      createSocket: server.createSocket,
    });
    onTestFinished(() => weft.close());
    await server.accept();
    server.sayRaw('nonsense');
    expect(reportError).toHaveBeenCalledExactlyOnceWith(
      new Error('weft: invalid-message: a text message that cannot be read'),
    );
    expect(weft.connection.peek()).toMatchObject({ state: 'online' });
  });

  it('[DEF2] knows no other list than those of its definitions', () => {
    const { weft } = createTestClient();
    expect(() => weft.open(newerNote, 'n1')).toThrow('another definition');
    expect(() => weft.note(undefined as unknown as string)).toThrow(TypeError);
    expect(() => weft.list('notes' as 'note')).toThrow(TypeError);
  });
});

describe('one socket', () => {
  it('[CON4] serves every handle, text and list of a client, again after a reconnect', async () => {
    const { server, clock, weft } = createTestClient();
    for (let index = 0; index < 50; index++) weft.note(`n${index}`);
    expect(weft.list(note)).toBe(weft.list('note'));
    await server.accept();
    server.lose();
    clock.advance(125);
    await server.accept({ attempt: 2 });
    expect(server.all('subscribe')).toHaveLength(50);
    expect(server.all('subscribe-list')).toHaveLength(1);
    expect(server.sockets).toHaveLength(2);
  });

  it('[HAN7] tells every handle when it comes and goes', async () => {
    const { server, weft } = createTestClient();
    const handle = weft.note('n1');
    const states: string[] = [];
    handle.subscribe(() => states.push(handle.saveState.status));
    await server.accept();
    server.say(say.status('missing'));
    server.lose();
    expect(states).toEqual(['saved', 'saved', 'offline']);
  });
});

describe('closing', () => {
  it('[HAN10] ends everything, once, and refuses what is asked afterwards', async () => {
    const { server, clock, weft } = createTestClient();
    await server.accept();
    const handle = weft.note('n1');
    const list = weft.list('note');
    const waiting = [handle.whenReady(), list.whenReady()];
    void weft.close();
    void weft.close();
    for (const wait of waiting) await expect(wait).rejects.toThrow('closed');
    expect(server.socket.isListenedTo).toBe(false);
    expect(clock.timers).toBe(0);
    expect(weft.connection.peek()).toEqual({ state: 'closed' });
    expect(() => weft.note('n2')).toThrow('closed');
    expect(() => weft.list('note')).toThrow('closed');
  });

  it('[HAN10] is what `await using` does at the end of a block', async () => {
    const server = createFakeServer();
    {
      await using weft = createClient({
        url: 'http://server',
        aggregates: [note],
        createSocket: server.createSocket,
      });
      await server.accept();
      expect(weft.connection.peek()).toMatchObject({ state: 'online' });
    }
    expect(server.socket.isClosedByClient).toBe(true);
  });
});

it('exports what it is meant to, and nothing else at run time', () => {
  expect(Object.keys(entry).sort()).toEqual(['checkYjs', 'createClient', 'guardUnload', 'toFieldsMatch']);
});
