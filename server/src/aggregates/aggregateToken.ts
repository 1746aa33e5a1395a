import { hash } from 'node:crypto';
import type { ConsistencyToken } from '@weft/client/protocol';
import * as decoding from 'lib0/decoding';
import * as encoding from 'lib0/encoding';
import type { Revision, StreamName } from '../event-store/eventStore.ts';

const FORMAT_VERSION = 1;
const FINGERPRINT_BYTES = 6;

/** A state of an aggregate: the event that led to it. The event's id tells two histories with equal revisions apart. */
export type StatePoint = { readonly revision: Revision; readonly eventId: string };

/** What a token says. The stream is whatever its maker wrote: there need not be such an aggregate. */
export type ReadToken = {
  readonly stream: StreamName;
  readonly revision: Revision;
  readonly isOf: (eventId: string) => boolean;
};

/** The token of a state: format version, fingerprint of the event, revision, stream; base64url. */
export function toToken(stream: StreamName, { revision, eventId }: StatePoint): ConsistencyToken {
  const bytes = encoding.encode((encoder) => {
    encoding.writeUint8(encoder, FORMAT_VERSION);
    encoding.writeUint8Array(encoder, toFingerprint(eventId));
    encoding.writeVarUint(encoder, Number(revision));
    encoding.writeVarString(encoder, stream);
  });
  return Buffer.from(bytes).toString('base64url') as ConsistencyToken;
}

/**
 * Reads a token; undefined where it is malformed. It is not signed: a forged one only makes its forger's writes less
 * guarded, which leaving the token out does as well.
 */
export function readToken(token: ConsistencyToken): ReadToken | undefined {
  const bytes = Buffer.from(token, 'base64url');
  // Buffer skips what is no base64url, so a token that does not come back the same was none of ours.
  if (bytes.toString('base64url') !== token) return undefined;
  try {
    return readPoint(bytes);
  } catch {
    // lib0 throws on cut input, and BigInt on a number beyond 2^53: both are malformed tokens.
    return undefined;
  }
}

function readPoint(bytes: Uint8Array): ReadToken | undefined {
  const decoder = decoding.createDecoder(bytes);
  if (decoding.readUint8(decoder) !== FORMAT_VERSION) return undefined;
  const ofEvent = Buffer.from(decoding.readUint8Array(decoder, FINGERPRINT_BYTES));
  const revision = BigInt(decoding.readVarUint(decoder));
  const stream = decoding.readVarString(decoder) as StreamName;
  if (decoding.hasContent(decoder) || ofEvent.length !== FINGERPRINT_BYTES) return undefined;
  return { stream, revision, isOf: (eventId) => ofEvent.equals(toFingerprint(eventId)) };
}

function toFingerprint(eventId: string): Buffer {
  return hash('sha256', eventId, 'buffer').subarray(0, FINGERPRINT_BYTES);
}
