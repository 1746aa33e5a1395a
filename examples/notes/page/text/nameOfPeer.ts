const MAX_LENGTH = 80;
// Control characters, and those that turn the direction of what follows.
const UNPRINTABLE = /[\p{Cc}\p{Cs}\u202a-\u202e\u2066-\u2069]/gu;

/** The name in an awareness state, which is whatever its sender put there. */
export function nameOfPeer(state: unknown): string {
  const user = isRecord(state) && isRecord(state.user) ? state.user : {};
  const name = typeof user.name === 'string' ? user.name.replace(UNPRINTABLE, '').trim() : '';
  return name === '' ? 'Somebody' : name.slice(0, MAX_LENGTH);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
