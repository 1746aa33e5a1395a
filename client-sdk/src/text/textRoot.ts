import * as Y from 'yjs';
import type { TextKind } from '../../protocol/aggregateDefinition.ts';

/** The text itself: the root type of `doc` that has the field's name. */
export type TextRoot<Kind extends TextKind = TextKind> = {
  readonly text: { readonly ytext: Y.Text };
  readonly 'rich-text': { readonly yxml: Y.XmlFragment };
}[Kind];

/** The root type of a text, made in a document. */
export function createTextRoot(doc: Y.Doc, field: string, kind: TextKind): TextRoot {
  return kind === 'text' ? { ytext: doc.getText(field) } : { yxml: doc.getXmlFragment(field) };
}

export function toSharedType(root: TextRoot): Y.Text | Y.XmlFragment {
  return 'ytext' in root ? root.ytext : root.yxml;
}

// ProseMirror's and Tiptap's names.
const LINE_BREAK = /^(hard_?break|br)$/i;

/** Of XML: an element that holds text is one line, and any other has a line for each of its children. */
export function toPlainText(type: unknown): string {
  // That of XML texts would write their formatting as tags.
  if (type instanceof Y.Text) return Y.Text.prototype.toString.call(type);
  if (!(type instanceof Y.XmlFragment)) return '';
  const isElement = type instanceof Y.XmlElement;
  if (isElement && LINE_BREAK.test(type.nodeName)) return '\n';
  const children: unknown[] = type.toArray();
  const isLine = isElement && children.some((child) => child instanceof Y.Text);
  return children.map(toPlainText).join(isLine ? '' : '\n');
}
