import { MAX_USER_NAME_LENGTH } from '../../protocol/limits.ts';
import type { User } from '../../protocol/user.ts';
import { isRecord } from './isRecord.ts';
import type { Selection } from './position.ts';
import { toUserColor } from './toUserColor.ts';

/** Who somebody says to be. `color` is `#rrggbb`, `colorLight` the same, see-through. */
export type PeerUser = User & { readonly color: string; readonly colorLight: string };

/** One page that has a text open. */
export type Peer = {
  readonly clientId: number;
  /** Whether it is this very page. */
  readonly isSelf: boolean;
  readonly user: PeerUser;
  /** In a plain text; undefined where there is none, or where it is not known here what it is at. */
  readonly cursor: Selection | undefined;
};

const HEX_COLOR = /^#[0-9a-f]{6}$/i;
// Control characters, halves of a character, and what turns the direction of all that follows.
const UNPRINTABLE = /[\p{Cc}\p{Cs}\u202a-\u202e\u2066-\u2069]/gu;

/**
 * Of what anybody may have sent, nothing that would cover a page or style it; undefined where that is nobody. A client
 * that names no id goes by its name.
 */
export function toPeerUser(user: unknown): PeerUser | undefined {
  if (!isRecord(user)) return undefined;
  const { name, id = name, color } = user;
  if (!isShort(name) || !isShort(id)) return undefined;
  const printable = name.replace(UNPRINTABLE, '').trim();
  if (printable === '') return undefined;
  const isColor = typeof color === 'string' && HEX_COLOR.test(color);
  const colors = isColor ? { color, colorLight: `${color}33` } : toUserColor(id);
  return { id, name: printable, ...colors };
}

function isShort(value: unknown): value is string {
  return typeof value === 'string' && value.length <= MAX_USER_NAME_LENGTH;
}
