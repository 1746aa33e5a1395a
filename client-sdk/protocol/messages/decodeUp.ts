import { type Decoded, decodeMessage } from './decodeMessage.ts';
import { type Up, upSchema } from './up.ts';

/** Reads what a client sent, already parsed as JSON. */
export function decodeUp(data: unknown): Decoded<Up> {
  return decodeMessage(upSchema, data);
}
