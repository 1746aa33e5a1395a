import { encodeTextFrame, type TextFrame } from '@weft/client/protocol';
import * as decoding from 'lib0/decoding';
import * as encoding from 'lib0/encoding';

/**
 * How a server wants to be spoken to:
 * - `bare`: it says nothing by itself, and hands every frame on as it is;
 * - `y-websocket`: both sides begin with a sync step 1;
 * - `hocuspocus`: the same after a token, with the document's name before every frame.
 */
export type Dialect = 'bare' | 'y-websocket' | 'hocuspocus';

/** What a server said, as far as this bench listens. */
export type Heard =
  | { readonly kind: 'asked' }
  /** `isReply`: to the client's sync step 1. */
  | { readonly kind: 'update'; readonly update: Uint8Array; readonly isReply: boolean }
  | { readonly kind: 'awareness'; readonly states: Uint8Array }
  | { readonly kind: 'other' };

const SYNC_TYPES = [0, 4];
const AWARENESS_TYPE = 1;
const AUTH_TYPE = 2;

export function encodeFrame(dialect: Dialect, document: string, frame: TextFrame): Uint8Array {
  const bytes = encodeTextFrame(frame);
  return dialect === 'hocuspocus' ? Buffer.concat([encodeName(document), bytes]) : bytes;
}

/** What Hocuspocus has to be told first. */
export function encodeToken(document: string, token: string): Uint8Array {
  const bytes = encoding.encode((encoder) => {
    encoding.writeVarUint(encoder, AUTH_TYPE);
    encoding.writeVarUint(encoder, 0);
    encoding.writeVarString(encoder, token);
  });
  return Buffer.concat([encodeName(document), bytes]);
}

export function decodeFrame(dialect: Dialect, bytes: Uint8Array): Heard {
  const decoder = decoding.createDecoder(bytes);
  if (dialect === 'hocuspocus') decoding.readVarString(decoder);
  const type = decoding.readVarUint(decoder);
  if (type === AWARENESS_TYPE) return { kind: 'awareness', states: decoding.readVarUint8Array(decoder) };
  if (!SYNC_TYPES.includes(type)) return { kind: 'other' };
  const step = decoding.readVarUint(decoder);
  if (step === 0) return { kind: 'asked' };
  return { kind: 'update', update: decoding.readVarUint8Array(decoder), isReply: step === 1 };
}

function encodeName(document: string): Uint8Array {
  return encoding.encode((encoder) => encoding.writeVarString(encoder, document));
}
