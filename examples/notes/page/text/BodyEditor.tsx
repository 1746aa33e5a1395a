import { EditorState } from '@codemirror/state';
import { EditorView } from '@codemirror/view';
import { useEffect, useRef } from 'react';
import type { NoteBody } from '../weft.ts';
import { extensionsOf } from './editorExtensions.ts';

/** A Markdown editor on the note's shared text. */
export function BodyEditor({ text }: { text: NoteBody }) {
  const parent = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (!parent.current) return;
    const state = EditorState.create({ doc: text.ytext.toString(), extensions: extensionsOf(text) });
    const view = new EditorView({ state, parent: parent.current });
    if (view.state.doc.length === 0 && isFocusFree()) view.focus();
    return () => view.destroy();
  }, [text]);
  return <div className="editor" ref={parent} />;
}

/** An empty text invites to write, but not those who write elsewhere already, nor a phone's keyboard onto the screen. */
function isFocusFree(): boolean {
  const { activeElement } = document;
  const isIdle = activeElement === document.body || activeElement instanceof HTMLAnchorElement;
  return isIdle && matchMedia('(pointer: fine)').matches;
}
