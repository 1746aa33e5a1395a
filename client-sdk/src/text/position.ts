import * as Y from 'yjs';
import { isRecord } from './isRecord.ts';

/** From where to where, in UTF-16 units. */
export type Selection = { readonly anchor: number; readonly head: number };

/** A place in a text that stays with its character, to be kept anywhere: JSON. */
export type Anchor = string;

/** As editor bindings write it into an awareness state. */
export type RelativeSelection = { readonly anchor: Y.RelativePosition; readonly head: Y.RelativePosition };

/**
 * What anybody may have sent, as a position that can be resolved without harm; undefined where it is none. `root`: only
 * positions of that root are. Yjs would make a root of any other name that it is asked for.
 */
export function toPosition(value: unknown, root: string): Y.RelativePosition | undefined {
  if (!isRecord(value)) return undefined;
  // Bindings write null for what a position has not, and `relativePositionToJSON` leaves it out.
  const { item, type, tname, assoc } = { ...NOWHERE, ...value };
  const isHere = tname === root || (tname === null && (item ?? type) !== null);
  const isSound = isIdOrNull(item) && isIdOrNull(type) && typeof assoc === 'number';
  return isHere && isSound ? Y.createRelativePositionFromJSON(value) : undefined;
}

const NOWHERE: Readonly<Record<string, unknown>> = { item: null, type: null, tname: null, assoc: 0 };

export function toSelection(value: unknown, root: string): RelativeSelection | undefined {
  if (!isRecord(value)) return undefined;
  const [anchor, head] = [toPosition(value.anchor, root), toPosition(value.head, root)];
  return anchor && head && { anchor, head };
}

/** @throws RangeError where there is no such place in the text. */
export function createPosition(ytext: Y.Text, index: number, assoc = 0): Y.RelativePosition {
  const isInside = Number.isInteger(index) && index >= 0 && index <= ytext.length;
  if (!isInside) throw new RangeError(`${index} is no place in a text of length ${ytext.length}`);
  return Y.createRelativePositionFromTypeIndex(ytext, index, assoc);
}

/**
 * The nearest place in the text.
 *
 * @throws TypeError where it is no whole number.
 */
export function toNearest(ytext: Y.Text, index: number): number {
  if (!Number.isInteger(index)) throw new TypeError(`${index} is no place in any text`);
  return Math.min(Math.max(index, 0), ytext.length);
}

/** Undefined where that is elsewhere, or is not here yet. */
export function toIndex(position: Y.RelativePosition, ytext: Y.Text): number | undefined {
  const found = ytext.doc && Y.createAbsolutePositionFromRelativePosition(position, ytext.doc);
  return found?.type === ytext ? found.index : undefined;
}

function isIdOrNull(value: unknown): boolean {
  return value === null || (isRecord(value) && isCount(value.client) && isCount(value.clock));
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
