import * as Y from 'yjs';
import { applyContent } from '../edits/applyContent.ts';
import { joinOps } from '../edits/contentJson.ts';
import { readAttributes, readPieces, type SharedType } from '../edits/readContent.ts';

/**
 * Writes what a text holds anew, under a client id of its own and without its history. Gives it as one update. Throws
 * where the document holds something that is no text's, since that would be left out.
 */
export function rebuildText(doc: Y.Doc, field: string): Uint8Array {
  const foreign = [...doc.share].find(([name, root]) => name !== field && !isEmpty(root));
  if (foreign) throw new Error(`it has a root '${foreign[0]}'`);
  const root: SharedType | undefined = doc.share.get(field);
  const rebuilt = new Y.Doc();
  try {
    const ops = root ? joinOps(readPieces(root).map(({ op }) => op)) : [];
    const attributes = root && readAttributes(root);
    // The bytes do not say whether a root is a text, an XML text or an XML fragment; an XML text can be any of them.
    applyContent(rebuilt.get(field, Y.XmlText), { attributes, ops });
    return Y.encodeStateAsUpdate(rebuilt);
  } finally {
    rebuilt.destroy();
  }
}

function isEmpty({ _start, _map }: SharedType): boolean {
  return _start === null && _map.size === 0;
}
