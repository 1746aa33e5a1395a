import { defaultKeymap } from '@codemirror/commands';
import { markdownKeymap, markdownLanguage } from '@codemirror/lang-markdown';
import { syntaxHighlighting } from '@codemirror/language';
import type { Extension } from '@codemirror/state';
import { drawSelection, EditorView, keymap, placeholder } from '@codemirror/view';
import { yCollab, yUndoManagerKeymap } from 'y-codemirror.next';
import type { NoteBody } from '../weft.ts';
import { checkedAwareness } from './checkedAwareness.ts';
import { markdownStyle } from './markdownStyle.ts';

export function editorExtensions({ ytext, awareness, undo }: NoteBody): Extension {
  return [
    // The undo history is Yjs' own, of one's own changes only; CodeMirror's would take back those of others.
    keymap.of([...yUndoManagerKeymap, ...markdownKeymap, ...defaultKeymap]),
    // Not `markdown()`, which brings the languages of HTML, CSS and JavaScript along.
    markdownLanguage,
    syntaxHighlighting(markdownStyle),
    EditorView.lineWrapping,
    EditorView.contentAttributes.of({
      'aria-label': 'Note text',
      spellcheck: 'true',
      autocapitalize: 'sentences',
    }),
    drawSelection(),
    placeholder('Write something. Markdown works.'),
    yCollab(ytext, checkedAwareness(awareness), { undoManager: undo }),
  ];
}
