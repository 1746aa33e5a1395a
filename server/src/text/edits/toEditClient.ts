import { hash } from 'node:crypto';
import type { StreamName } from '../../event-store/eventStore.ts';
import type { EditOptions, TextEdit } from './textEdit.ts';

/** Above every id that Yjs draws at random, and within what it can write. */
const BASE = 2n ** 32n;
const COUNT = 2n ** 53n - BASE;

/**
 * The Yjs client id of an edit with a key: the same for the same edit, of the same base, by the same person. A room
 * takes what a client wrote at a clock once, so that such an edit is made once, however often it is asked for.
 */
export function toEditClient(
  stream: StreamName,
  edit: TextEdit,
  { user, base, idempotencyKey }: EditOptions,
): number | undefined {
  if (idempotencyKey === undefined) return undefined;
  const identity = JSON.stringify([stream, user.id, idempotencyKey, String(base), edit]);
  return Number(BASE + (BigInt(`0x${hash('sha256', identity, 'hex').slice(0, 32)}`) % COUNT));
}
