import * as decoding from 'lib0/decoding';
import * as encoding from 'lib0/encoding';

/** Message types of y-websocket 3.1 (its `src/y-websocket.js`), and ours from 100. */
const TEXT_MESSAGE_TYPES = { sync: 0, awareness: 1, auth: 2, queryAwareness: 3, saved: 100 } as const;

/** Message types inside a sync message, of y-protocols 1.0 (its `sync.js`). */
const SYNC_MESSAGE_TYPES = { step1: 0, step2: 1, update: 2 } as const;

/** One y-websocket frame. `saved` is ours: the first `count` update frames of this channel are durable. */
export type TextFrame =
  | { kind: 'sync-step-1'; stateVector: Uint8Array }
  | { kind: 'sync-step-2'; update: Uint8Array }
  | { kind: 'update'; update: Uint8Array }
  | { kind: 'awareness'; states: Uint8Array }
  | { kind: 'query-awareness' }
  | { kind: 'saved'; count: number };

/** Undefined where the bytes are no frame that this protocol knows, or where bytes follow the message. */
export function decodeTextFrame(bytes: Uint8Array): TextFrame | undefined {
  try {
    const decoder = decoding.createDecoder(bytes);
    const frame = readTextFrame(decoder);
    return decoding.hasContent(decoder) ? undefined : frame;
  } catch {
    // lib0 throws on cut input; a frame that cannot be read is an expected outcome here.
    return undefined;
  }
}

function readTextFrame(decoder: decoding.Decoder): TextFrame | undefined {
  switch (decoding.readVarUint(decoder)) {
    case TEXT_MESSAGE_TYPES.sync:
      return readSyncFrame(decoder);
    case TEXT_MESSAGE_TYPES.awareness:
      return { kind: 'awareness', states: decoding.readVarUint8Array(decoder) };
    case TEXT_MESSAGE_TYPES.queryAwareness:
      return { kind: 'query-awareness' };
    case TEXT_MESSAGE_TYPES.saved:
      return { kind: 'saved', count: decoding.readVarUint(decoder) };
    default:
      return undefined;
  }
}

function readSyncFrame(decoder: decoding.Decoder): TextFrame | undefined {
  switch (decoding.readVarUint(decoder)) {
    case SYNC_MESSAGE_TYPES.step1:
      return { kind: 'sync-step-1', stateVector: decoding.readVarUint8Array(decoder) };
    case SYNC_MESSAGE_TYPES.step2:
      return { kind: 'sync-step-2', update: decoding.readVarUint8Array(decoder) };
    case SYNC_MESSAGE_TYPES.update:
      return { kind: 'update', update: decoding.readVarUint8Array(decoder) };
    default:
      return undefined;
  }
}

export function encodeTextFrame(frame: TextFrame): Uint8Array {
  return encoding.encode((encoder) => writeTextFrame(encoder, frame));
}

function writeTextFrame(encoder: encoding.Encoder, frame: TextFrame): void {
  switch (frame.kind) {
    case 'sync-step-1':
      return writeSync(encoder, SYNC_MESSAGE_TYPES.step1, frame.stateVector);
    case 'sync-step-2':
      return writeSync(encoder, SYNC_MESSAGE_TYPES.step2, frame.update);
    case 'update':
      return writeSync(encoder, SYNC_MESSAGE_TYPES.update, frame.update);
    case 'awareness':
      encoding.writeVarUint(encoder, TEXT_MESSAGE_TYPES.awareness);
      return encoding.writeVarUint8Array(encoder, frame.states);
    case 'query-awareness':
      return encoding.writeVarUint(encoder, TEXT_MESSAGE_TYPES.queryAwareness);
    case 'saved':
      encoding.writeVarUint(encoder, TEXT_MESSAGE_TYPES.saved);
      return encoding.writeVarUint(encoder, frame.count);
  }
}

function writeSync(encoder: encoding.Encoder, type: number, payload: Uint8Array): void {
  encoding.writeVarUint(encoder, TEXT_MESSAGE_TYPES.sync);
  encoding.writeVarUint(encoder, type);
  encoding.writeVarUint8Array(encoder, payload);
}
