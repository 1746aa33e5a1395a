/** A row of text and of things in it, each of which a placeholder stands for. */
export type Sequence = {
  readonly text: string;
  /** By the place of its placeholder, what tells a thing from others. */
  readonly things: ReadonlyMap<number, string>;
};

/** So many code units at a place give way to those of another sequence from `from` on. */
export type Splice = {
  readonly at: number;
  readonly deleted: number;
  readonly from: number;
  readonly inserted: number;
};

/** Stands for a thing; where nothing is said of its place, it is a character like any other. */
export const PLACEHOLDER = '\ufffc';

const PLACEHOLDER_CODE = PLACEHOLDER.charCodeAt(0);

/** Whether the same stands at two places of two sequences. */
export function areEqualAt(base: Sequence, at: number, [target, from]: readonly [Sequence, number]): boolean {
  const code = base.text.charCodeAt(at);
  if (code !== target.text.charCodeAt(from)) return false;
  return code !== PLACEHOLDER_CODE || base.things.get(at) === target.things.get(from);
}

/** Whether a place is between the two halves of a surrogate pair. */
export function isHalvedAt(text: string, place: number): boolean {
  const before = text.charCodeAt(place - 1);
  const after = text.charCodeAt(place);
  return before >= 0xd800 && before <= 0xdbff && after >= 0xdc00 && after <= 0xdfff;
}
