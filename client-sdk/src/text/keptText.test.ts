import { describe, expect, it, vi } from 'vitest';
import type * as Y from 'yjs';
import { memoryStorage } from '../offline/memoryStorage.ts';
import type { TextTarget } from '../connection/textTarget.ts';
import type { ClientStorage, TextCopy } from '../storage/clientStorage.ts';
import { openKeptBody, openPage } from '../testSupport/openKeptBody.ts';
import type { TextHandle } from './textHandle.ts';

const REFUSED = { status: 'blocked', pending: 0, reasons: ['text-refused'] };

/** What is marked as unsaved, or as kept apart. */
async function readMarks(storage: ClientStorage): Promise<readonly string[]> {
  const open = await storage.open({ tab: 'a test', report: () => {} });
  const marked = await open.readUnsavedTexts();
  await open.close();
  return marked.map(({ field }) => field);
}

/** A page that typed `typed` without a connection, and is gone. */
async function leaveUnsaved(storage: ClientStorage, typed: string): Promise<void> {
  const { server, body, weft } = await openKeptBody(storage);
  server.lose();
  body.ytext.insert(0, typed);
  await weft.close();
}

/** The same storage, whose copies go through other hands. */
function handOver(storage: ClientStorage, wrap: (copy: TextCopy, field: string) => TextCopy): ClientStorage {
  return {
    open: async (options) => {
      const open = await storage.open(options);
      const texts = {
        open: (target: TextTarget, doc: Y.Doc) => wrap(open.texts.open(target, doc), target.field),
      };
      return { ...open, owner: open.owner, texts };
    },
  };
}

const textOf = (body: TextHandle) => body.ytext.toJSON();

async function isLoaded(body: TextHandle): Promise<void> {
  await vi.waitFor(() => expect(body.peek().status).not.toBe('connecting'), { interval: 1 });
}

describe('unsaved edits', () => {
  it('[OFF6] are sent after a restart, with their epoch, though nobody opens the text', async () => {
    const storage = memoryStorage();
    await leaveUnsaved(storage, 'typed offline');
    const { weft, server, room, connect } = openPage(storage);
    await vi.waitFor(() => expect(weft.saveState.peek()).toEqual({ status: 'offline', pending: 1 }));
    await connect();
    await room.open();
    expect(server.all('open-text')).toMatchObject([{ field: 'body', epoch: '0' }]);
    room.answer();
    expect(room.text()).toBe('typed offline');
    expect(weft.saveState.peek()).toEqual({ status: 'saving', pending: 1 });
    room.save();
    expect(weft.saveState.peek()).toEqual({ status: 'saved' });
    expect(server.all('close-text')).toHaveLength(1);
    expect(await readMarks(storage)).toEqual([]);
  });

  it('[OFF6] show nobody a cursor of a page that only sends them', async () => {
    const storage = memoryStorage();
    await leaveUnsaved(storage, 'typed offline');
    const { room, connect } = openPage(storage);
    await connect();
    await room.open();
    expect(room.newFrames().map(({ kind }) => kind)).toEqual(['sync-step-1', 'sync-step-2']);
  });

  it('[OFF6] are there at once without a connection, to be read and edited', async () => {
    const storage = memoryStorage();
    await leaveUnsaved(storage, 'typed offline');
    const { weft, connect, room } = openPage(storage);
    const handle = weft.note('n1');
    const body = handle.text('body');
    await isLoaded(body);
    expect(body.peek()).toEqual({
      status: 'offline',
      saveState: { status: 'offline', pending: 1 },
      epoch: '0',
    });
    expect(textOf(body)).toBe('typed offline');
    body.ytext.insert(0, 'still ');
    await connect();
    await room.open();
    room.answer();
    expect(room.text()).toBe('still typed offline');
    room.save();
    expect(handle.saveState).toEqual({ status: 'saved' });
  });

  it('[OFF6] are kept that were typed just before the page was left', async () => {
    const storage = memoryStorage();
    const first = openPage(storage);
    first.weft.note('n1').text('body').ytext.insert(0, 'in a hurry');
    await first.weft.close();
    const { weft } = openPage(storage);
    const body = weft.note('n1').text('body');
    await isLoaded(body);
    expect(textOf(body)).toBe('in a hurry');
    expect(body.peek().saveState).toEqual({ status: 'offline', pending: 1 });
  });

  it('[OFF6] are let go of where the page was left before its storage was open', async () => {
    const events: string[] = [];
    const storage = handOver(memoryStorage(), (copy) => {
      events.push('open');
      return {
        ...copy,
        close: () => {
          events.push('close');
          return copy.close();
        },
      };
    });
    const { weft } = openPage(storage);
    weft.note('n1').text('body').ytext.insert(0, 'in a hurry');
    await weft.close();
    expect(events).toEqual(['open', 'close']);
  });

  it('[OFF6] are marked before they are kept, and until they are saved', async () => {
    const storage = memoryStorage();
    const { body, room } = await openKeptBody(storage);
    expect(await readMarks(storage)).toEqual([]);
    body.ytext.insert(0, 'a');
    body.ytext.insert(1, 'b');
    expect(await readMarks(storage)).toEqual(['body']);
    room.answer();
    room.save();
    expect(await readMarks(storage)).toEqual([]);
  });
});

describe('a copy without unsaved edits', () => {
  it('[OFF6] is shown without a connection, and has nothing to save', async () => {
    const storage = memoryStorage();
    const first = await openKeptBody(storage);
    first.room.type('theirs');
    await first.weft.close();
    const { weft, server } = openPage(storage);
    const handle = weft.note('n1');
    const body = handle.text('body');
    await isLoaded(body);
    expect(textOf(body)).toBe('theirs');
    expect(body.peek().saveState).toEqual({ status: 'offline', pending: 0 });
    handle.close();
    await server.accept();
    expect(server.socket.messages.map(({ type }) => type)).not.toContain('open-text');
    expect(weft.saveState.peek()).toEqual({ status: 'saved' });
  });

  it('[OFF6] is loaded before the text is opened, so that nothing of it is asked for again', async () => {
    const storage = memoryStorage();
    const first = await openKeptBody(storage);
    first.room.type('theirs');
    await first.weft.close();
    const { weft, server, room, connect } = openPage(storage);
    const handle = weft.note('n1');
    const body = handle.text('body');
    const seen: string[] = [];
    body.subscribe(() => seen.push(body.peek().saveState.status));
    await connect();
    await room.open();
    const [asked] = room.newFrames();
    expect(asked?.kind === 'sync-step-1' && asked.stateVector.length).toBeGreaterThan(1);
    expect(textOf(body)).toBe('theirs');
    expect(server.all('open-text')).toMatchObject([{ epoch: '0' }]);
    expect(seen).not.toContain('saving');
  });

  it('[OFF6] keeps the text from being opened for as long as it is being loaded', async () => {
    const { promise, resolve } = Promise.withResolvers<undefined>();
    const slow = handOver(memoryStorage(), (copy) => ({
      ...copy,
      whenLoaded: promise.then(() => copy.whenLoaded),
    }));
    const { weft, server, connect } = openPage(slow);
    const body = weft.note('n1').text('body');
    await connect();
    await new Promise((done) => setTimeout(done));
    expect(server.all('open-text')).toEqual([]);
    expect(body.peek().status).toBe('connecting');
    resolve(undefined);
    await vi.waitFor(() => expect(server.all('open-text')).toHaveLength(1));
  });

  it('[EPO4] is named as the application says, where it loads one of its own', async () => {
    const storage = memoryStorage();
    const first = await openKeptBody(storage);
    await first.weft.close();
    const { weft, server, connect } = openPage(storage);
    weft.note('n1').text('body', { epoch: 'mine' });
    await connect();
    await vi.waitFor(() => expect(server.all('open-text')).toMatchObject([{ epoch: 'mine' }]));
  });

  it('[HAN10] is let go of with its text, whose handle may be closed before it is loaded', async () => {
    const storage = memoryStorage();
    const { weft, reports } = openPage(storage);
    const handle = weft.note('n1');
    handle.text('body').close();
    handle.close();
    await weft.close();
    expect(await readMarks(storage)).toEqual([]);
    expect(reports).toEqual([]);
  });
});

describe('edits that were refused', () => {
  it('[OFF6] [EPO4] of an earlier epoch are a rescue copy over every restart, until that is dismissed', async () => {
    const storage = memoryStorage();
    await leaveUnsaved(storage, 'typed offline');
    const away = openPage(storage);
    await away.connect();
    await away.room.open();
    away.room.end(4409, 'the text was erased');
    expect(away.reports).toMatchObject([{ kind: 'text-refused', rescue: { text: 'typed offline' } }]);
    await vi.waitFor(async () => expect(await readMarks(storage)).toEqual(['body.rescue']));
    expect(away.weft.saveState.peek()).toEqual(REFUSED);
    await away.weft.close();

    const { weft, room, connect, server } = openPage(storage, { epoch: '1' });
    const body = weft.note('n1').text('body');
    await isLoaded(body);
    expect(textOf(body)).toBe('');
    await connect();
    await room.open();
    room.answer();
    room.save();
    expect(server.all('open-text')).toEqual([expect.not.objectContaining({ epoch: expect.anything() })]);
    expect(body.peek()).toMatchObject({ status: 'synced', epoch: '1', saveState: { status: 'saved' } });
    expect(body.peek().rescue).toMatchObject({ text: 'typed offline', epoch: '0', isUnsaved: true });
    expect(weft.saveState.peek()).toEqual(REFUSED);
    body.dismissRescue();
    expect(body.peek()).not.toHaveProperty('rescue');
    expect(weft.saveState.peek()).toEqual({ status: 'saved' });
    await weft.close();

    const last = openPage(storage).weft.note('n1').text('body');
    await isLoaded(last);
    expect(last.peek()).not.toHaveProperty('rescue');
    expect(await readMarks(storage)).toEqual([]);
  });

  it.each([
    [4400, 'the update cannot be read'],
    [4403, 'a client id of somebody else'],
    [4404, 'it was deleted'],
    [4413, 'the update is too big'],
  ])('[OFF6] with %i are not sent again after a restart, and not lost', async (code, reason) => {
    const storage = memoryStorage();
    const { handle, body, room, weft } = await openKeptBody(storage);
    room.type('theirs. ');
    body.ytext.insert(0, 'not taken. ');
    room.end(code, reason);
    expect(body.peek()).toMatchObject({ status: 'closed', code, saveState: REFUSED });
    expect(handle.saveState).toEqual(REFUSED);
    body.ytext.insert(0, 'And later. ');
    await vi.waitFor(async () => expect(await readMarks(storage)).toEqual(['body.rescue']));
    await weft.close();

    const next = openPage(storage);
    const again = next.weft.note('n1').text('body');
    await next.connect();
    await next.room.open();
    next.room.answer();
    expect(next.room.text()).toBe('');
    expect(textOf(again)).toBe('');
    expect(again.peek().rescue).toMatchObject({ text: 'And later. not taken. theirs. ', isUnsaved: true });
  });

  it('[OFF6] are kept where the page is left before they are kept apart', async () => {
    const storage = memoryStorage();
    const { body, room, weft } = await openKeptBody(storage);
    body.ytext.insert(0, 'not taken');
    room.end(4409, 'the text was erased');
    await weft.close();
    const marks = await readMarks(storage);
    expect(marks).toContain('body.rescue');
    const next = openPage(storage);
    const again = next.weft.note('n1').text('body');
    await isLoaded(again);
    expect(again.peek().rescue?.text).toBe('not taken');
  });

  it('[OFF6] are written down before the copy is forgotten', async () => {
    const events: string[] = [];
    const storage = handOver(memoryStorage(), (copy, field) => ({
      ...copy,
      close: async () => {
        await copy.close();
        events.push(`${field} is written`);
      },
      erase: () => {
        events.push(`${field} is forgotten`);
        return copy.erase();
      },
    }));
    const { body, room } = await openKeptBody(storage);
    body.ytext.insert(0, 'not taken');
    room.end(4413, 'the update is too big');
    await vi.waitFor(() => expect(events).toEqual(['body.rescue is written', 'body is forgotten']));
  });

  it('[OFF6] are all that is in the text, also where they come after it was closed, and after a dismissal', async () => {
    const storage = memoryStorage();
    const { body, room, weft } = await openKeptBody(storage);
    room.type('saved');
    room.end(4409, 'the text was erased');
    body.ytext.insert(0, 'later, ');
    expect(body.peek().rescue).toMatchObject({ text: 'later, saved', isUnsaved: true });
    body.dismissRescue();
    expect(body.peek()).not.toHaveProperty('rescue');
    body.ytext.insert(0, 'and later, ');
    await vi.waitFor(async () => expect(await readMarks(storage)).toEqual(['body.rescue']));
    await weft.close();
    const again = openPage(storage).weft.note('n1').text('body');
    await isLoaded(again);
    expect(again.peek().rescue?.text).toBe('and later, later, saved');
  });

  it('[EPO4] are not in the text that is opened right after', async () => {
    const storage = memoryStorage();
    const { server, handle, body, room } = await openKeptBody(storage);
    body.ytext.insert(0, 'not taken');
    room.end(4409, 'the text was erased');
    body.close();
    const again = handle.text('body');
    expect(again).not.toBe(body);
    again.ytext.insert(0, 'anew');
    await room.open();
    expect(server.all('open-text').at(-1)).not.toHaveProperty('epoch');
    expect(textOf(again)).toBe('anew');
    expect(again.peek().rescue?.text).toBe('not taken');
    expect(handle.saveState).toEqual({ ...REFUSED, pending: 1 });
    expect(again.peek().saveState).toEqual({ status: 'saving', pending: 1 });
  });

  it('[OFF6] are kept together where it happens twice', async () => {
    const storage = memoryStorage();
    const { handle, body, room } = await openKeptBody(storage);
    body.ytext.insert(0, 'one ');
    room.end(4413, 'the update is too big');
    body.close();
    const again = handle.text('body');
    await room.open();
    room.answer();
    room.save();
    again.ytext.insert(0, 'two ');
    room.end(4413, 'the update is too big');
    const text = again.peek().rescue?.text;
    expect(text).toContain('one ');
    expect(text).toContain('two ');
  });

  it('[EPO4] leave nothing behind where everything was saved', async () => {
    const storage = memoryStorage();
    const { room, body, weft } = await openKeptBody(storage);
    room.type('theirs');
    room.end(4409, 'the text was erased');
    expect(body.peek().rescue).toMatchObject({ text: 'theirs', isUnsaved: false });
    await weft.close();
    const again = openPage(storage).weft.note('n1').text('body');
    await isLoaded(again);
    expect(textOf(again)).toBe('');
    expect(again.peek()).not.toHaveProperty('rescue');
  });
});

it('[OFF8] a copy that fails is reported, and takes nothing with it', async () => {
  const storage = memoryStorage();
  const broken = handOver(storage, (copy) => ({
    ...copy,
    close: () => Promise.reject(new Error('the device is on fire')),
  }));
  const { weft, body, reports } = await openKeptBody(broken);
  body.close();
  await weft.close();
  await vi.waitFor(() => expect(reports).toMatchObject([{ kind: 'storage-failed' }]));
});

it('[UND1] what was typed in a text can be taken back as long as the text is open', async () => {
  const { handle, body } = await openKeptBody(memoryStorage());
  body.ytext.insert(0, 'typed');
  expect(handle.peek().canUndo).toBe(true);
  expect(await handle.undo()).toEqual({ outcome: 'text', field: 'body' });
  expect(textOf(body)).toBe('');
  expect(await handle.redo()).toEqual({ outcome: 'text', field: 'body' });
  expect(textOf(body)).toBe('typed');
  const { room, ...other } = await openKeptBody(memoryStorage());
  other.body.ytext.insert(0, 'typed');
  room.answer();
  room.save();
  other.body.close();
  expect(other.handle.peek().canUndo).toBe(false);
  expect(await other.handle.undo()).toEqual({ outcome: 'nothing' });
});
