import type { SeededRandom } from '../support/seededRandom.ts';

const MOST_BYTES = 4_096;
/** Edges of numbers in seven bits a byte, over-long ones among them. */
const EDGE_NUMBERS = [
  [0],
  [0x7f],
  [0x80],
  [0xff],
  [0x80, 0x00],
  [0xff, 0xff, 0xff, 0xff, 0x0f],
  [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x0f],
  [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01],
];

/** Flips, cuts, inserts, repeats or replaces bytes in one place. */
export function mutateBytes(bytes: Uint8Array, random: SeededRandom): Uint8Array {
  const changed = [...bytes.slice(0, MOST_BYTES)];
  const at = random.integer(changed.length + 1);
  const byte = Math.max(0, Math.min(at, changed.length - 1));
  switch (random.integer(8)) {
    case 0:
      changed[byte] = random.integer(256);
      break;
    case 1:
      changed[byte] = (changed[byte] ?? 0) ^ (1 << random.integer(8));
      break;
    case 2:
      changed.splice(at, 1 + random.integer(4));
      break;
    case 3:
      changed.length = at;
      break;
    case 4:
      changed.splice(at, 0, ...random.oneOf(EDGE_NUMBERS));
      break;
    case 5:
      changed.splice(at, 1, ...random.oneOf(EDGE_NUMBERS));
      break;
    case 6:
      changed.splice(at, 0, ...changed.slice(random.integer(at + 1), at));
      break;
    default:
      changed.push(...changed.slice(at));
  }
  return Uint8Array.from(changed);
}
