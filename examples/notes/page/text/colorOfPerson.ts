// Dark enough for white letters on them (4.5:1), light enough to be seen on the dark page (3:1).
const COLORS = [
  '#4f63c4',
  '#b4472e',
  '#8a6410',
  '#2f7d57',
  '#9350b1',
  '#1f7a8c',
  '#b73f72',
  '#5f7325',
] as const;

/** One colour per name, the same on every screen. */
export function colorOfPerson(name: string): string {
  // FNV-1a: names that differ in one letter get different colours.
  let hash = 0x811c9dc5;
  for (const character of name) {
    hash ^= character.codePointAt(0) ?? 0;
    hash = Math.imul(hash, 0x01000193) >>> 0;
  }
  return COLORS[(hash >>> 8) % COLORS.length] ?? COLORS[0];
}
