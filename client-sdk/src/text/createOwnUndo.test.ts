import { expect, it } from 'vitest';
import * as Y from 'yjs';
import { createOwnUndo } from './createOwnUndo.ts';

/** An editor binding's origin, such as y-codemirror.next's, is an object of a class of its own. */
class BindingOrigin {
  readonly name = 'a binding';
}

it.each([
  ['no origin', null],
  ['a string', 'typing'],
  ['an object of a class', new BindingOrigin()],
])('[HAN8] undoes an edit whose origin is %s, and redoes it', (_what, origin) => {
  const doc = new Y.Doc();
  const ytext = doc.getText('body');
  const undo = createOwnUndo(ytext);
  doc.transact(() => ytext.insert(0, 'mine'), origin);
  undo.undo();
  expect(ytext.toJSON()).toBe('');
  undo.redo();
  expect(ytext.toJSON()).toBe('mine');
});

it('[HAN8] leaves alone what others typed, also after a binding has come and gone', () => {
  const doc = new Y.Doc();
  const ytext = doc.getText('body');
  const undo = createOwnUndo(ytext);
  const binding = new BindingOrigin();
  undo.addTrackedOrigin(binding);
  undo.removeTrackedOrigin(binding);
  doc.transact(() => ytext.insert(0, 'mine'), binding);
  const other = new Y.Doc();
  Y.applyUpdate(other, Y.encodeStateAsUpdate(doc));
  other.getText('body').insert(4, ' and theirs');
  Y.applyUpdate(doc, Y.encodeStateAsUpdate(other), 'provider');
  undo.undo();
  expect(ytext.toJSON()).toBe(' and theirs');
  expect(undo.canUndo()).toBe(false);
});
