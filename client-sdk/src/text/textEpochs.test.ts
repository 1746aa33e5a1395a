import { describe, expect, it, onTestFinished, vi } from 'vitest';
import * as Y from 'yjs';
import type { ClientReport } from '../lifecycle/clientReport.ts';
import { createFakeRoom } from '../testSupport/createFakeRoom.ts';
import { askForBody, openBody, reconnect } from '../testSupport/openTestBody.ts';
import type { RescueCopy } from './rescueCopy.ts';
import type { TextHandle } from './textHandle.ts';

const REFUSED = { status: 'blocked', pending: 0, reasons: ['text-refused'] };

function readRescue(body: TextHandle): RescueCopy {
  const state = body.peek();
  if (state.status !== 'closed' || !state.rescue) throw new Error('there is no rescue copy');
  return state.rescue;
}

function readDocument({ update }: RescueCopy): string {
  const doc = new Y.Doc();
  Y.applyUpdate(doc, update);
  return doc.getText('body').toJSON();
}

describe('the epoch', () => {
  it('[EPO4] is what the server said first, and is named whenever the text is opened again', async () => {
    const client = await openBody();
    const { server, body } = client;
    expect(server.all('open-text')).toEqual([expect.not.objectContaining({ epoch: expect.anything() })]);
    expect(body.peek().epoch).toBe('0');
    server.lose();
    await reconnect(client);
    await vi.waitFor(() => expect(server.all('open-text')).toMatchObject([{ field: 'body', epoch: '0' }]));
  });

  it('[EPO4] is that of the application’s own copy where it says so', async () => {
    const { server, body, room } = await askForBody({ epoch: 'e1' });
    expect(body.peek().epoch).toBe('e1');
    await vi.waitFor(() => expect(server.all('open-text')).toMatchObject([{ epoch: 'e1' }]));
    await vi.waitFor(() => room.open());
    expect(body.peek().epoch).toBe('e1');
  });
});

describe('a text of another epoch', () => {
  it('[EPO4] is closed for good, with a rescue copy of everything that was there', async () => {
    const client = await openBody();
    const { server, clock, handle, body, room } = client;
    room.type('theirs. ');
    server.lose();
    body.ytext.insert(8, 'typed offline.');
    await reconnect(client);
    await vi.waitFor(() => expect(server.all('open-text')).toHaveLength(1));
    const { channel } = server.take('open-text');
    const heard = vi.fn();
    body.subscribe(heard);
    server.say({ type: 'text-closed', channel, code: 4409, reason: 'the text was erased' });
    expect(body.peek()).toMatchObject({ status: 'closed', code: 4409, reason: 'the text was erased' });
    expect(body.peek()).toMatchObject({ epoch: '0', saveState: REFUSED });
    expect(heard).toHaveBeenCalledOnce();
    expect(readRescue(body)).toMatchObject({ epoch: '0', text: 'theirs. typed offline.', isUnsaved: true });
    expect(readDocument(readRescue(body))).toBe('theirs. typed offline.');
    expect(body.ytext.toJSON()).toBe('theirs. typed offline.');
    expect(handle.saveState.status).toBe('blocked');
    clock.advance(15_000);
    await new Promise((resolve) => setTimeout(resolve));
    expect(server.all('open-text')).toHaveLength(1);
  });

  it('[EPO4] has nothing unsaved where everything was', async () => {
    const { handle, body, room } = await openBody();
    room.type('theirs');
    room.end(4409, 'the text was replaced');
    expect(readRescue(body)).toMatchObject({ text: 'theirs', isUnsaved: false });
    expect(body.peek().saveState.status).toBe('saved');
    expect(handle.saveState.status).toBe('saved');
  });

  it('[EPO4] rescues what a local database still loads into it', async () => {
    const { body, room } = await askForBody({ epoch: 'e1' });
    await room.open();
    room.end(4409, 'the text was erased');
    expect(readRescue(body)).toMatchObject({ text: '', isUnsaved: false });
    const stored = new Y.Doc();
    stored.getText('body').insert(0, 'from the local database');
    Y.applyUpdate(body.doc, Y.encodeStateAsUpdate(stored), 'local database');
    expect(readRescue(body)).toMatchObject({ text: 'from the local database', isUnsaved: true });
    expect(body.peek()).toBe(body.peek());
  });

  it('[EPO4] is copied only when the copy is asked for, and once as long as it stays as it is', async () => {
    const { body, room } = await openBody();
    const reading = vi.spyOn(Y.Text.prototype as { toString(): string }, 'toString');
    onTestFinished(() => reading.mockRestore());
    room.end(4409, 'the text was erased');
    const heard = vi.fn();
    body.subscribe(heard);
    for (let count = 0; count < 100; count++) body.ytext.insert(0, 'x');
    expect(heard).toHaveBeenCalledTimes(100);
    expect(reading).not.toHaveBeenCalled();
    const rescue = readRescue(body);
    expect(rescue).toMatchObject({ text: 'x'.repeat(100), isUnsaved: true });
    expect(rescue.update).toBe(rescue.update);
    expect(readRescue(body)).toBe(rescue);
    expect(reading).toHaveBeenCalledTimes(1);
    body.ytext.insert(0, 'y');
    expect(readRescue(body).text).toBe(`y${'x'.repeat(100)}`);
  });

  it('[EPO4] is opened anew, in the new epoch, once the application has closed it', async () => {
    const { server, handle, body, room } = await openBody();
    body.ytext.insert(0, 'never saved');
    room.end(4409, 'the text was erased');
    expect(handle.text('body')).toBe(body);
    body.close();
    expect(readRescue(body).text).toBe('never saved');
    expect(handle.saveState.status).toBe('saved');
    const again = handle.text('body');
    expect(again).not.toBe(body);
    const next = createFakeRoom(server, { epoch: 'e2' });
    await vi.waitFor(() => expect(server.all('open-text')).toHaveLength(2));
    expect(server.all('open-text')[1]).not.toHaveProperty('epoch');
    await next.open();
    next.answer();
    next.type('a new beginning');
    expect(again.ytext.toJSON()).toBe('a new beginning');
    expect(again.peek()).toMatchObject({ status: 'synced', epoch: 'e2', saveState: { status: 'saved' } });
    expect(body.ytext.toJSON()).toBe('never saved');
  });

  it('[EPO4] is reported with its rescue copy where the application has closed it before', async () => {
    const client = await openBody();
    const { server, weft, handle, body, reports } = client;
    server.lose();
    body.ytext.insert(0, 'typed offline');
    handle.close();
    await reconnect(client);
    await vi.waitFor(() => expect(server.all('open-text')).toMatchObject([{ epoch: '0' }]));
    const { channel } = server.take('open-text');
    server.say({ type: 'text-closed', channel, code: 4409, reason: 'the text was erased' });
    expect(reports).toEqual<ClientReport[]>([
      {
        kind: 'text-refused',
        detail: 'unsaved edits of note/n1/body were refused: the text was erased',
        ...{ aggregate: 'note', id: 'n1', field: 'body' },
        rescue: expect.objectContaining({ text: 'typed offline', isUnsaved: true }) as RescueCopy,
      },
    ]);
    expect(server.all('unsubscribe')).toHaveLength(1);
    expect(weft.note('n1').text('body').ytext.toJSON()).toBe('');
  });
});

describe('a text that the server refuses', () => {
  it.each([
    [4400, 'the update cannot be read'],
    [4403, 'a client id of somebody else'],
    [4404, 'it was deleted'],
    [4413, 'the update is too big'],
  ])('[HAN7] with %i stays readable, says why, and leaves nothing saving', async (code, reason) => {
    const { handle, body, room } = await openBody();
    body.ytext.insert(0, 'not taken');
    expect(handle.saveState.status).toBe('saving');
    room.end(code, reason);
    expect(body.peek()).toMatchObject({ status: 'closed', code, reason, saveState: REFUSED, epoch: '0' });
    expect(readRescue(body)).toMatchObject({ text: 'not taken', isUnsaved: true });
    expect(handle.saveState.status).toBe('blocked');
    expect(body.ytext.toJSON()).toBe('not taken');
    body.close();
    expect(handle.saveState.status).toBe('saved');
  });

  it('[SAV1] blocks nothing any more once its rescue copy is dismissed', async () => {
    const { handle, body, room } = await openBody();
    body.ytext.insert(0, 'not taken');
    room.end(4413, 'the update is too big');
    body.dismissRescue();
    expect(body.peek()).toEqual({
      status: 'closed',
      code: 4413,
      reason: 'the update is too big',
      saveState: { status: 'saved' },
      epoch: '0',
    });
    expect(handle.saveState.status).toBe('saved');
    body.ytext.insert(0, 'later, ');
    expect(readRescue(body).text).toBe('later, not taken');
    expect(handle.saveState.status).toBe('blocked');
  });

  it('[SAV1] is not hidden by what else is on its way, nor by a lost connection', async () => {
    const { server, handle, body, room } = await openBody();
    body.ytext.insert(0, 'not taken');
    room.end(4413, 'the update is too big');
    void handle.change({ title: 'B' });
    expect(handle.saveState).toEqual({ ...REFUSED, pending: 1 });
    server.lose();
    expect(handle.saveState).toEqual({ ...REFUSED, pending: 1 });
    expect(body.peek().saveState).toEqual(REFUSED);
  });
});
