import * as Y from 'yjs';
import type { TextContentJson } from '../edits/contentJson.ts';
import { readContent } from '../edits/readContent.ts';
import { toPlainText } from '../edits/toPlainText.ts';
import { rebuildText } from './rebuildText.ts';

/** What can be made of a whole text. */
export type Materialised = {
  readonly snapshot: MadeSnapshot;
  /** As plain text; of a rich text, line by line. */
  readonly text: string;
  /** All that it holds, as JSON. */
  readonly content: TextContentJson;
  /** What it holds, written anew. */
  readonly rebuilt: Uint8Array;
};

/** A text whose deleted parts are collected: the same state vector and deletions, without what was deleted. */
export type MadeSnapshot = {
  readonly update: Uint8Array;
  /** UTF-16 code units of the text. */
  readonly length: number;
};

type Makers = { readonly [Kind in keyof Materialised]: (doc: Y.Doc, field: string) => Materialised[Kind] };

const makers: Makers = {
  // The root is not given a type: a typed root may tidy up formatting, which is an edit of its own.
  snapshot: (doc, field) => ({
    update: Y.encodeStateAsUpdate(doc),
    length: toPlainText(doc.share.get(field)).length,
  }),
  text: (doc, field) => toPlainText(doc.share.get(field)),
  content: (doc, field) => readContent(doc.share.get(field)),
  rebuilt: rebuildText,
};

/**
 * Makes a document of a whole text, takes from it what is wanted and drops it. Throws where the update is damaged or
 * depends on something that is not in it.
 */
export function materialise<Kind extends keyof Materialised>(
  kind: Kind,
  whole: Uint8Array,
  field: string,
): Materialised[Kind] {
  const doc = new Y.Doc();
  try {
    Y.applyUpdate(doc, whole);
    const { pendingStructs, pendingDs } = doc.store;
    if (pendingStructs !== null || pendingDs !== null)
      throw new Error('the text depends on what it does not hold');
    return makers[kind](doc, field);
  } finally {
    doc.destroy();
  }
}
