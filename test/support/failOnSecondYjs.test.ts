import { ObservableV2 } from 'lib0/observable';
import { expect, it } from 'vitest';
import { Awareness } from 'y-protocols/awareness';
import { WebsocketProvider } from 'y-websocket';
import * as Y from 'yjs';

it('tests, Yjs and y-websocket share one copy of Yjs, y-protocols and lib0', () => {
  const doc = new Y.Doc();
  const provider = new WebsocketProvider('ws://127.0.0.1', 'text', doc, { connect: false, disableBc: true });

  expect(doc).toBeInstanceOf(ObservableV2);
  expect(provider).toBeInstanceOf(ObservableV2);
  expect(provider.awareness).toBeInstanceOf(Awareness);

  provider.destroy();
  doc.destroy();
});

it('a second copy of Yjs fails the test that loads it', async () => {
  const secondCopy = new URL('../../node_modules/yjs/dist/yjs.cjs', import.meta.url).href;
  await expect(import(/* @vite-ignore */ secondCopy)).rejects.toThrow('Yjs was already imported');
});
