import { expect, it, vi } from 'vitest';
import * as Y from 'yjs';
import { memoryStorage } from '../offline/memoryStorage.ts';
import type { TabMessage } from '../storage/tabLink.ts';
import { openKeptBody, openPage } from '../testSupport/openKeptBody.ts';
import type { TextHandle } from './textHandle.ts';
import { TextTabs } from './textTabs.ts';

const OFFLINE = { status: 'offline', pending: 1 };

function openOffline(storage: ReturnType<typeof memoryStorage>) {
  const page = openPage(storage);
  const handle = page.weft.note('n1');
  return { ...page, handle, body: handle.text('body') };
}

async function shows(body: TextHandle, text: string): Promise<void> {
  await vi.waitFor(() => expect(body.ytext.toJSON()).toBe(text), { interval: 1 });
}

it('[OFF7] pages show each other what is typed without a connection, and each takes it for unsaved', async () => {
  const storage = memoryStorage();
  const [one, other] = [openOffline(storage), openOffline(storage)];
  await vi.waitFor(() =>
    expect([one.body.peek().status, other.body.peek().status]).toEqual(['offline', 'offline']),
  );
  one.body.ytext.insert(0, 'from one');
  await shows(other.body, 'from one');
  expect(other.body.peek().saveState).toEqual(OFFLINE);
  other.body.ytext.insert(8, ', from the other');
  await shows(one.body, 'from one, from the other');
  other.body.undo.undo();
  await shows(one.body, 'from one');
  expect(other.body.undo.canUndo()).toBe(false);
  expect(one.body.peek().saveState).toEqual(OFFLINE);
});

it('[OFF7] an edit is told once, by the page that made it', async () => {
  const storage = memoryStorage();
  const [one, other] = [openOffline(storage), openOffline(storage)];
  await vi.waitFor(() => expect(one.body.peek().status).toBe('offline'));
  const { tabs } = await storage.open({ tab: 'somebody else', report: () => {} });
  const told: TabMessage[] = [];
  tabs.listen((message) => told.push(message));
  one.body.ytext.insert(0, 'from one');
  await shows(other.body, 'from one');
  await other.weft.whenKept();
  expect(told.map(({ type }) => type)).toEqual(['text-edited']);
});

it('[OFF7] what was typed before the copy was loaded is shown when it is', async () => {
  const storage = memoryStorage();
  const one = openOffline(storage);
  await vi.waitFor(() => expect(one.body.peek().status).toBe('offline'));
  const other = openOffline(storage);
  other.body.ytext.insert(0, 'at once');
  expect(other.body.peek().status).toBe('connecting');
  await shows(one.body, 'at once');
});

it('[OFF7] a page that is opened is shown what another one has', async () => {
  const storage = memoryStorage();
  const one = openOffline(storage);
  one.body.ytext.insert(0, 'before anybody else came');
  // Its copy is never written, as on a device without room.
  const other = openPage({
    open: async (options) => {
      const open = await storage.open(options);
      const texts = {
        open: (_target: unknown, doc: Y.Doc) => open.texts.open({ aggregate: '', id: '', field: '' }, doc),
      };
      return { ...open, owner: open.owner, texts };
    },
  });
  const body = other.weft.note('n1').text('body');
  await shows(body, 'before anybody else came');
});

it('[OFF7] what a page was shown is sent by that page as well, whatever becomes of the other', async () => {
  const storage = memoryStorage();
  const other = await openKeptBody(storage);
  const one = openOffline(storage);
  await vi.waitFor(() => expect(one.body.peek().epoch).toBe('0'));
  one.body.ytext.insert(0, 'from one');
  await shows(other.body, 'from one');
  expect(other.body.peek().saveState).toEqual({ status: 'saving', pending: 1 });
  await one.weft.close();
  other.room.answer();
  expect(other.room.text()).toBe('from one');
  other.room.save();
  expect(other.body.peek().saveState).toEqual({ status: 'saved' });
});

it('[OFF7] what was on its way when the channel was lost is shown then', async () => {
  const storage = memoryStorage();
  const one = await openKeptBody(storage);
  const other = openOffline(storage);
  await vi.waitFor(() => expect(other.body.peek().epoch).toBe('0'));
  one.body.ytext.insert(0, 'on its way');
  one.server.lose();
  await shows(other.body, 'on its way');
});

it('[OFF7] [EPO3] a page is shown nothing of another epoch', () => {
  const doc = new Y.Doc();
  const target = { aggregate: 'note', id: 'n1', field: 'body', epoch: '1' };
  const post = vi.fn();
  const tabs = new TextTabs({ doc, target: () => target, post });
  const other = new Y.Doc();
  other.getText('body').insert(0, 'theirs');
  const update = Y.encodeStateAsUpdate(other);
  const stateVector = Y.encodeStateVector(new Y.Doc());
  for (const epoch of ['0', undefined]) {
    tabs.receive({ type: 'text-edited', target: { ...target, epoch }, update } as never);
    tabs.receive({ type: 'text-wanted', target: { ...target, epoch }, stateVector } as never);
  }
  expect(doc.getText('body').toJSON()).toBe('');
  expect(post).not.toHaveBeenCalled();
  tabs.receive({ type: 'text-edited', target, update });
  expect(doc.getText('body').toJSON()).toBe('theirs');
});

it('[OFF7] a text that the server closed neither takes nor shows anything', async () => {
  const storage = memoryStorage();
  const [one, other] = [await openKeptBody(storage), await openKeptBody(storage)];
  one.body.ytext.insert(0, 'not taken');
  one.room.end(4413, 'the update is too big');
  one.body.ytext.insert(0, 'and later ');
  other.server.lose();
  other.body.ytext.insert(0, 'other');
  await new Promise((resolve) => setTimeout(resolve));
  expect(other.body.ytext.toJSON()).toBe('other');
  expect(one.body.ytext.toJSON()).toBe('and later not taken');
});
