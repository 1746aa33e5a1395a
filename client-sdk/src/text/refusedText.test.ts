import { describe, expect, it, vi } from 'vitest';
import * as Y from 'yjs';
import { memoryStorage } from '../offline/memoryStorage.ts';
import type { ClientStorage } from '../storage/clientStorage.ts';
import { createTestClient, say } from '../testSupport/createTestClient.ts';
import { openKeptBody, openPage } from '../testSupport/openKeptBody.ts';
import { openBody } from '../testSupport/openTestBody.ts';

const REFUSED = { status: 'blocked', pending: 0, reasons: ['text-refused'] };
const SAVED = { status: 'saved' };

/** What is reported of the body of the note. */
const told = (text: string) => ({
  kind: 'text-refused',
  ...{ aggregate: 'note', id: 'n1', field: 'body' },
  rescue: expect.objectContaining({ text, isUnsaved: true }) as unknown,
});

/** A page whose edits were refused while its editor was open, and closed a moment later. */
async function leaveRefused(storage: ClientStorage) {
  const page = await openKeptBody(storage);
  page.body.ytext.insert(0, 'not taken');
  page.room.end(4404, 'it was deleted');
  page.body.close();
  // Only the rescue copy is left.
  const open = await storage.open({ tab: 'a test', report: () => {} });
  await vi.waitFor(async () =>
    expect(await open.readUnsavedTexts()).toMatchObject([{ field: 'body.rescue' }]),
  );
  await open.close();
  return page;
}

describe('edits that were refused', () => {
  it('[OFF6] are reported when the application closes the text, and once', async () => {
    const { weft, handle, body, room, reports } = await openBody();
    body.ytext.insert(0, 'not taken');
    room.end(4404, 'it was deleted');
    expect(reports).toEqual([]);
    handle.close();
    expect(reports).toMatchObject([told('not taken')]);
    // There is no storage: nothing else has them now.
    expect(weft.saveState.peek()).toEqual(SAVED);
    await weft.close();
    expect(reports).toHaveLength(1);
  });

  it('[OFF6] are not reported where the rescue copy was dismissed', async () => {
    const { body, room, reports } = await openBody();
    body.ytext.insert(0, 'not taken');
    room.end(4404, 'it was deleted');
    body.dismissRescue();
    body.close();
    expect(reports).toEqual([]);
  });

  it('[SAV1] block as long as a rescue copy is kept, also once everything is closed', async () => {
    const { weft, handle, reports } = await leaveRefused(memoryStorage());
    handle.close();
    expect(reports).toMatchObject([told('not taken')]);
    expect(weft.saveState.peek()).toEqual(REFUSED);
    const again = weft.note('n1');
    expect(again.saveState).toEqual(REFUSED);
    const body = again.text('body');
    body.dismissRescue();
    await vi.waitFor(() => expect(weft.saveState.peek()).toEqual(SAVED));
    expect(again.saveState).toEqual(SAVED);
  });

  it('[SAV1] [OFF6] block the next page as well, which is told of them, until they are dismissed', async () => {
    const storage = memoryStorage();
    const first = await leaveRefused(storage);
    await first.weft.close();
    const { weft, reports, server } = openPage(storage);
    await vi.waitFor(() => expect(reports).toMatchObject([told('not taken')]));
    expect(weft.saveState.peek()).toEqual(REFUSED);
    await server.accept();
    // Nobody looks at the note, and there is nothing to send.
    expect(server.all('subscribe')).toEqual([]);
    expect(weft.saveState.peek()).toEqual(REFUSED);
    weft.note('n1').text('body').dismissRescue();
    await vi.waitFor(() => expect(weft.saveState.peek()).toEqual(SAVED));
    await weft.close();

    const last = openPage(storage);
    await last.weft.whenKept();
    await last.server.accept();
    expect(last.weft.saveState.peek()).toEqual(SAVED);
    expect(last.reports).toEqual([]);
  });

  it('[SAV1] block no page any more once one of them has dismissed them', async () => {
    const storage = memoryStorage();
    const first = await leaveRefused(storage);
    await first.weft.close();
    const [one, other, third] = [openPage(storage), openPage(storage), openPage(storage)];
    const reading = other.weft.note('n1').text('body');
    await vi.waitFor(() => expect(reading.peek().rescue?.text).toBe('not taken'));
    await vi.waitFor(() => expect(third.weft.saveState.peek()).toEqual(REFUSED));
    one.weft.note('n1').text('body').dismissRescue();
    await vi.waitFor(() => expect(reading.peek()).not.toHaveProperty('rescue'));
    const offline = { status: 'offline', pending: 0 };
    await vi.waitFor(() =>
      expect([one, other, third].map(({ weft }) => weft.saveState.peek())).toEqual(Array(3).fill(offline)),
    );
  });
});

describe('edits of a text that the application has closed', () => {
  it('[HAN8] are reported, the first of them, with all that is in the document', async () => {
    const { body, room, reports } = await openBody();
    room.type('saved');
    body.close();
    expect(reports).toEqual([]);
    body.ytext.insert(0, 'late, ');
    body.ytext.insert(0, 'too ');
    expect(reports).toMatchObject([told('too late, saved')]);
    expect(body.peek()).toMatchObject({ status: 'closed', code: 1000 });
  });

  it('[HAN8] are sent as long as others of it are on their way', async () => {
    const { body, room, reports } = await openBody();
    body.ytext.insert(0, 'b');
    body.close();
    body.ytext.insert(0, 'a');
    room.answer();
    expect(room.text()).toBe('ab');
    expect(reports).toEqual([]);
  });

  it('[HAN8] are not what a database of the application still loads', async () => {
    const { body, reports } = await openBody();
    const kept = new Y.Doc();
    kept.getText('body').insert(0, 'kept');
    body.close();
    Y.applyUpdate(body.doc, Y.encodeStateAsUpdate(kept), 'a database');
    expect(body.ytext.toJSON()).toBe('kept');
    body.doc.transact(() => undefined);
    expect(reports).toEqual([]);
  });
});

describe('a text of an aggregate that does not exist', () => {
  async function openMissing(storage?: ClientStorage) {
    const client = createTestClient(storage && { storage });
    const handle = client.weft.note('n1');
    const body = handle.text('body');
    await client.server.accept();
    await vi.waitFor(() => expect(client.server.all('subscribe')).toHaveLength(1), { interval: 1 });
    client.server.say(say.status('missing'));
    return { ...client, handle, body };
  }

  it('[SAV1] blocks while it has edits, until it is created', async () => {
    const { weft, server, handle, body } = await openMissing();
    expect(body.peek()).toMatchObject({ status: 'connecting', saveState: SAVED });
    body.ytext.insert(0, 'typed');
    expect(body.peek()).toMatchObject({ status: 'connecting', saveState: REFUSED });
    expect([handle.saveState, weft.saveState.peek()]).toEqual([REFUSED, REFUSED]);
    server.say(say.created('t1', { title: 'New' }));
    expect(body.peek().saveState).toEqual({ status: 'saving', pending: 1 });
    await vi.waitFor(() => expect(server.all('open-text')).toHaveLength(1));
  });

  it('[SAV1] waits for a creation that is on its way, and blocks where that is rejected', async () => {
    const { server, handle, body } = await openMissing();
    body.ytext.insert(0, 'typed');
    const created = handle.create({ title: 'New' });
    expect(body.peek().saveState).toEqual({ status: 'saving', pending: 1 });
    expect(handle.saveState).toEqual({ status: 'saving', pending: 2 });
    server.say(say.rejected(server.take('command').key));
    expect(await created).toMatchObject({ outcome: 'rejected' });
    expect(body.peek().saveState).toEqual(REFUSED);
    server.lose();
    expect(body.peek().saveState).toEqual({ status: 'offline', pending: 1 });
  });

  it('[OFF6] is given up, with a report and a rescue copy, where the application closes it', async () => {
    const storage = memoryStorage();
    const { weft, body, reports } = await openMissing(storage);
    body.ytext.insert(0, 'typed');
    body.close();
    expect(reports).toMatchObject([told('typed')]);
    expect(weft.saveState.peek()).toEqual(REFUSED);
    await weft.close();
    const next = openPage(storage);
    await vi.waitFor(() => expect(next.reports).toMatchObject([told('typed')]));
  });

  it('[OFF6] is given up where the server has lost it, with what an earlier page has left unsaved', async () => {
    const storage = memoryStorage();
    const first = await openKeptBody(storage);
    first.server.lose();
    first.body.ytext.insert(0, 'typed offline');
    await first.weft.close();
    const { weft, server, reports } = openPage(storage);
    await server.accept();
    await vi.waitFor(() => expect(server.all('subscribe')).toHaveLength(1), { interval: 1 });
    server.say(say.status('missing'));
    await vi.waitFor(() => expect(reports).toMatchObject([told('typed offline')]));
    expect(weft.saveState.peek()).toEqual(REFUSED);
    const body = weft.note('n1').text('body');
    await vi.waitFor(() => expect(body.peek().rescue?.text).toBe('typed offline'));
  });
});
