import { EditorState } from '@codemirror/state';
import { EditorView, keymap } from '@codemirror/view';
import { yCollab, yUndoManagerKeymap } from 'y-codemirror.next';
import type { OpenEditor } from './shared.ts';

export const openCodeMirror: OpenEditor = ({ doc, field, awareness, parent }) => {
  const ytext = doc.getText(field);
  const extensions = [keymap.of(yUndoManagerKeymap), yCollab(ytext, awareness)];
  // The editor lives as long as the page.
  new EditorView({ state: EditorState.create({ doc: ytext.toJSON(), extensions }), parent });
};
