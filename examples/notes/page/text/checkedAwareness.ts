import * as Y from 'yjs';
import type { NoteBody } from '../weft.ts';
import { colorOfPerson } from './colorOfPerson.ts';
import { nameOfPeer } from './nameOfPeer.ts';

type Awareness = NoteBody['awareness'];

/**
 * Awareness as the editor's cursors may read it. The binding writes a peer's colour into a style attribute and
 * resolves its positions unchecked; a peer that sends something else there would style everybody's page, or end
 * everybody's cursors by an exception.
 */
export function checkedAwareness(awareness: Awareness) {
  return {
    doc: awareness.doc,
    on: awareness.on.bind(awareness),
    off: awareness.off.bind(awareness),
    getLocalState: () => awareness.getLocalState(),
    setLocalStateField: (field: string, value: unknown) => awareness.setLocalStateField(field, value),
    getStates: () =>
      new Map([...awareness.getStates()].map(([id, state]) => [id, checkState(state, awareness.doc)])),
  };
}

function checkState(state: Record<string, unknown>, doc: Y.Doc) {
  const name = nameOfPeer(state);
  const color = colorOfPerson(name);
  const cursor = isCursor(state.cursor, doc) ? state.cursor : null;
  return { user: { name, color, colorLight: `${color}33` }, cursor };
}

type Cursor = { anchor: Y.RelativePosition; head: Y.RelativePosition };

function isCursor(cursor: unknown, doc: Y.Doc): cursor is Cursor {
  try {
    const { anchor, head } = cursor as Cursor;
    Y.createAbsolutePositionFromRelativePosition(anchor, doc);
    Y.createAbsolutePositionFromRelativePosition(head, doc);
    return true;
  } catch {
    // Not a pair of positions, which only trying tells.
    return false;
  }
}
