import { defaultKeymap } from '@codemirror/commands';
import { markdownKeymap, markdownLanguage } from '@codemirror/lang-markdown';
import { HighlightStyle, syntaxHighlighting } from '@codemirror/language';
import type { Extension } from '@codemirror/state';
import { drawSelection, EditorView, keymap, placeholder } from '@codemirror/view';
import { tags } from '@lezer/highlight';
import { yCollab, yUndoManagerKeymap } from 'y-codemirror.next';
import type { NoteBody } from '../weft.ts';

// The classes are in editor.css.
const MARKDOWN = HighlightStyle.define([
  { tag: tags.heading1, class: 'md-heading1' },
  { tag: tags.heading2, class: 'md-heading2' },
  { tag: tags.heading, class: 'md-heading' },
  { tag: tags.strong, class: 'md-strong' },
  { tag: tags.emphasis, class: 'md-emphasis' },
  { tag: tags.strikethrough, class: 'md-strikethrough' },
  { tag: tags.monospace, class: 'md-code' },
  { tag: tags.quote, class: 'md-quote' },
  { tag: [tags.link, tags.url], class: 'md-link' },
  { tag: tags.processingInstruction, class: 'md-mark' },
]);

/** Makes an editor one of Markdown, and of the note's shared text. */
export function extensionsOf({ ytext, awareness, undo }: NoteBody): Extension {
  return [
    // The undo history is Yjs' own, of one's own changes only; CodeMirror's would take back those of others.
    keymap.of([...yUndoManagerKeymap, ...markdownKeymap, ...defaultKeymap]),
    // Not `markdown()`, which brings the languages of HTML, CSS and JavaScript along.
    markdownLanguage,
    syntaxHighlighting(MARKDOWN),
    EditorView.lineWrapping,
    EditorView.contentAttributes.of({
      'aria-label': 'Note text',
      spellcheck: 'true',
      autocapitalize: 'sentences',
    }),
    drawSelection(),
    placeholder('Write something. Markdown works.'),
    yCollab(ytext, awareness, { undoManager: undo }),
  ];
}
