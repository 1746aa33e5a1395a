import * as Y from 'yjs';
import { MAX_NESTING, type SharedType } from './readContent.ts';

/**
 * A text without its formatting and all that is no text. In a rich text, whatever holds text itself is one line, and
 * what holds only other nodes has a line for each. Like `readContent`, not for a root that was given a type.
 */
export function toPlainText(root: SharedType | undefined): string {
  return root ? read(root, 0) : '';
}

const LINE_BREAKS: ReadonlySet<string> = new Set(['hardBreak', 'hard_break', 'br', 'linebreak']);

function read(type: SharedType, depth: number): string {
  if (isLineBreak(type)) return '\n';
  if (depth > MAX_NESTING) return '';
  const pieces: string[] = [];
  let isLine = false;
  for (let item = type._start; item; item = item.right) {
    if (item.deleted) continue;
    const { content } = item;
    isLine ||= isOfLine(type, content);
    if (content instanceof Y.ContentString) pieces.push(content.str);
    else if (content instanceof Y.ContentType) pieces.push(read(content.type, depth + 1));
  }
  return pieces.join(isLine ? '' : '\n');
}

/** Whether what holds this holds text, and so is a line. */
function isOfLine(parent: SharedType, content: Y.Item['content']): boolean {
  if (content instanceof Y.ContentString) return true;
  if (!(content instanceof Y.ContentType)) return false;
  // Lexical puts texts into texts, and describes each stretch of text by a map before it.
  if (content.type instanceof Y.Map) return true;
  return parent instanceof Y.XmlElement && content.type instanceof Y.XmlText;
}

function isLineBreak(type: SharedType): boolean {
  if (type instanceof Y.XmlElement) return LINE_BREAKS.has(type.nodeName);
  return type instanceof Y.Map && type.get('__type') === 'linebreak';
}
