import { type Decoded, decodeMessage } from './decodeMessage.ts';
import { type Down, downSchema } from './down.ts';

/** Reads what a server sent, already parsed as JSON. */
export function decodeDown(data: unknown): Decoded<Down> {
  return decodeMessage(downSchema, data);
}
