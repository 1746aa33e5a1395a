import { HighlightStyle } from '@codemirror/language';
import { tags } from '@lezer/highlight';

/** Markdown as it looks in the editor; the classes are in editor.css. */
export const markdownStyle = HighlightStyle.define([
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
