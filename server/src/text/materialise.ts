import * as Y from 'yjs';

/** What can be made of a whole text. */
export type Materialised = {
  readonly snapshot: MadeSnapshot;
  readonly text: string;
};

/** A text whose deleted parts are collected: the same state vector and deletions, without what was deleted. */
export type MadeSnapshot = {
  readonly update: Uint8Array;
  /** UTF-16 code units of the text. */
  readonly length: number;
};

type Makers = { readonly [Kind in keyof Materialised]: (doc: Y.Doc, field: string) => Materialised[Kind] };

const makers: Makers = {
  snapshot: (doc, field) => {
    // Encoded before the root gets its type: a typed root may tidy up formatting, which is an edit of its own.
    const update = Y.encodeStateAsUpdate(doc);
    return { update, length: doc.getText(field).toString().length };
  },
  text: (doc, field) => doc.getText(field).toString(),
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
