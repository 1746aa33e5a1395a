/** Legible as text and behind white text, on a light page and on a dark one. */
const COLORS = [
  '#c2410c',
  '#b45309',
  '#a16207',
  '#4d7c0f',
  '#15803d',
  '#0f766e',
  '#0e7490',
  '#0369a1',
  '#2563eb',
  '#7c3aed',
  '#c026d3',
  '#e11d48',
] as const;

/** The colour of a person's cursor, the same everywhere: `color` as `#rrggbb`, `colorLight` the same, see-through. */
export function toUserColor(userId: string): { readonly color: string; readonly colorLight: string } {
  const color = COLORS[hash(userId) % COLORS.length] ?? COLORS[0];
  return { color, colorLight: `${color}33` };
}

/** FNV-1a, 32 bits: spreads ids that differ in one letter. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) {
    value = Math.imul(value ^ text.charCodeAt(index), 0x01000193);
  }
  return value >>> 0;
}
