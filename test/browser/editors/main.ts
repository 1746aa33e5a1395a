// One text of the server in one of the editors, by the packages as they are published:
// ?editor=codemirror&server=ws://127.0.0.1:8080&room=document/d1/body&name=Ada
import { IndexeddbPersistence } from 'y-indexeddb';
import { WebsocketProvider } from 'y-websocket';
import * as Y from 'yjs';
import { openCodeMirror } from './codeMirror.ts';
import { openProseMirror } from './proseMirror.ts';
import { openQuill } from './quill.ts';
import type { EditorName, EditorsPage, OpenEditor } from './shared.ts';

declare global {
  interface Window {
    editors: EditorsPage;
  }
}

const EDITORS: Readonly<Record<EditorName, OpenEditor>> = {
  codemirror: openCodeMirror,
  quill: openQuill,
  prosemirror: openProseMirror,
};

const query = new URLSearchParams(location.search);
const room = query.get('room') ?? '';
const name = query.get('name') ?? '';
const field = room.split('/').at(-1) ?? '';

const doc = new Y.Doc();
const kept = new IndexeddbPersistence(room, doc);
await kept.whenSynced;
const provider = new WebsocketProvider(`${query.get('server') ?? ''}/yjs`, room, doc, {
  params: { token: name },
});
provider.awareness.setLocalStateField('user', { name, color: '#8a3ffc', colorLight: '#8a3ffc33' });

window.editors = {
  isSynced: () => provider.synced,
  isConnected: () => provider.wsconnected,
  people: () =>
    [...provider.awareness.getStates().values()].map(({ user }) => (user as { name: string }).name),
  readKept: async () => {
    const copy = new Y.Doc();
    const store = new IndexeddbPersistence(room, copy);
    await store.whenSynced;
    const root = query.get('editor') === 'prosemirror' ? copy.getXmlFragment(field) : copy.getText(field);
    const text = root.toJSON();
    await store.destroy();
    return text;
  },
};

const parent = document.querySelector<HTMLElement>('#editor');
if (!parent) throw new Error('the page has no place for an editor');
EDITORS[query.get('editor') as EditorName]({ doc, field, awareness: provider.awareness, parent });
