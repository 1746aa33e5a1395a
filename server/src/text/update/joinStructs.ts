import * as Y from 'yjs';
import type { Struct } from './decodeUpdate.ts';

/**
 * Adds a struct to the one before it where a document would take both for one: then the one before is changed, and
 * the answer is true. Neither may be integrated anywhere.
 *
 * Yjs splits an item wherever something was inserted into it, and what it splits off refers to its left part and to
 * the same right neighbour. So two that refer to each other in this way are the same as one that is yet to be split.
 */
export function joinStructs(left: Struct, right: Struct): boolean {
  const isJoined = joinContent(left, right);
  if (isJoined) left.length += right.length;
  return isJoined;
}

function joinContent(left: Struct, right: Struct): boolean {
  if (left instanceof Y.GC) return right instanceof Y.GC;
  if (!(left instanceof Y.Item) || !(right instanceof Y.Item) || !continues(left, right)) return false;
  if (left.content instanceof Y.ContentString && right.content instanceof Y.ContentString) {
    left.content.str += right.content.str;
    return true;
  }
  if (left.content instanceof Y.ContentDeleted && right.content instanceof Y.ContentDeleted) {
    left.content.len += right.content.len;
    return true;
  }
  return false;
}

function continues(left: Y.Item, { id, origin, rightOrigin }: Y.Item): boolean {
  if (origin?.client !== id.client || origin.clock !== id.clock - 1) return false;
  return rightOrigin === null
    ? left.rightOrigin === null
    : left.rightOrigin !== null && Y.compareIDs(left.rightOrigin, rightOrigin);
}
