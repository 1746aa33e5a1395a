import { expect, it } from 'vitest';
import * as Y from 'yjs';
import { createOwnUndo, type UndoListener } from './createOwnUndo.ts';

const NOBODY: UndoListener = { onStep: () => {}, onMoved: () => {}, onCleared: () => {} };

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
  const undo = createOwnUndo(ytext, NOBODY);
  doc.transact(() => ytext.insert(0, 'mine'), origin);
  undo.undo();
  expect(ytext.toJSON()).toBe('');
  undo.redo();
  expect(ytext.toJSON()).toBe('mine');
});

it('[HAN8] leaves alone what others typed, also after a binding has come and gone', () => {
  const doc = new Y.Doc();
  const ytext = doc.getText('body');
  const undo = createOwnUndo(ytext, NOBODY);
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

it('[UND1] says what becomes of its steps, and counts what is typed at once as one', () => {
  const ytext = new Y.Doc().getText('body');
  const said: string[] = [];
  const undo = createOwnUndo(ytext, {
    onStep: () => said.push('step'),
    onMoved: (direction) => said.push(direction),
    onCleared: () => said.push('cleared'),
  });
  ytext.insert(0, 'a');
  ytext.insert(1, 'b');
  expect(said).toEqual(['step']);
  undo.stopCapturing();
  ytext.insert(2, 'c');
  undo.undo();
  undo.redo();
  undo.undo();
  // A new action forgets what could be redone, and nothing else.
  ytext.insert(2, 'd');
  expect(said.splice(0)).toEqual(['step', 'step', 'undo', 'redo', 'undo', 'step']);
  undo.clear();
  expect(said).toEqual(['cleared']);
});
