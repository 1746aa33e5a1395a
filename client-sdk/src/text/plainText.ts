import type { Awareness } from 'y-protocols/awareness';
import * as Y from 'yjs';
import { type Anchor, createPosition, type Selection, toIndex, toNearest, toPosition } from './position.ts';

/** Places in a plain text. Indices are UTF-16 units, as in JavaScript, from 0 to the text's length. */
export type PlainText = {
  /**
   * Shows the others where this person is, as editor bindings do by themselves. It stays with its characters whatever is
   * typed around it. Undefined: nowhere. Indices outside of the text mean its ends: what a page shows may be a moment older.
   *
   * @throws TypeError where an index is no whole number.
   */
  setCursor(cursor: Selection | undefined): void;
  /**
   * Stays with the character behind the index, or with the one before it where `assoc` is negative, whatever is typed
   * around it. Without such a character it stays with the end, or the beginning. Default of `assoc`: 0.
   *
   * @throws RangeError where the index is not in the text.
   */
  createAnchor(index: number, assoc?: number): Anchor;
  /** Where the anchor is now; where its character is gone, where that was. Undefined where it is none of this text. */
  readAnchor(anchor: Anchor): number | undefined;
};

export type PlainTextOptions = {
  readonly ytext: Y.Text;
  readonly awareness: Awareness;
  readonly field: string;
};

export function createPlainText({ ytext, awareness, field }: PlainTextOptions): PlainText {
  return {
    setCursor: (cursor) => {
      const toPlace = (index: number) => createPosition(ytext, toNearest(ytext, index));
      const positions = cursor && { anchor: toPlace(cursor.anchor), head: toPlace(cursor.head) };
      // Bindings read null as no cursor.
      awareness.setLocalStateField('cursor', positions ?? null);
    },
    createAnchor: (index, assoc) =>
      JSON.stringify(Y.relativePositionToJSON(createPosition(ytext, index, assoc))),
    readAnchor: (anchor) => {
      const position = toPosition(parse(anchor), field);
      return position && toIndex(position, ytext);
    },
  };
}

function parse(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    // Whatever was kept as an anchor is none.
    return undefined;
  }
}
