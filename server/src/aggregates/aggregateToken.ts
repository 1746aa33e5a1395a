import { createHash } from 'node:crypto';
import type { ConsistencyToken } from '@weft/client/protocol';
import * as decoding from 'lib0/decoding';
import * as encoding from 'lib0/encoding';
import type { Revision, StreamName } from '../event-store/eventStore.ts';

const FORMAT_VERSION = 1;
const FINGERPRINT_BYTES = 6;

/** A state of an aggregate: the event that led to it. The event's id tells two histories with equal revisions apart. */
export type StatePoint = { readonly revision: Revision; readonly eventId: string };

export type ReadToken =
  | { readonly kind: 'malformed' }
  | { readonly kind: 'other-aggregate' }
  | { readonly kind: 'point'; readonly revision: Revision; readonly isOf: (eventId: string) => boolean };

/** The token of a state: format version, fingerprints of stream and event, revision; base64url. */
export function toToken(stream: StreamName, { revision, eventId }: StatePoint): ConsistencyToken {
  const bytes = encoding.encode((encoder) => {
    encoding.writeUint8(encoder, FORMAT_VERSION);
    encoding.writeUint8Array(encoder, fingerprint(stream));
    encoding.writeUint8Array(encoder, fingerprint(eventId));
    encoding.writeVarUint(encoder, Number(revision));
  });
  return Buffer.from(bytes).toString('base64url') as ConsistencyToken;
}

/**
 * Reads a token for an aggregate. It is not signed: a forged one only makes its forger's writes less guarded, which
 * leaving the token out does as well.
 */
export function readToken(stream: StreamName, token: ConsistencyToken): ReadToken {
  const bytes = Buffer.from(token, 'base64url');
  // Buffer skips what is no base64url, so a token that does not come back the same was none of ours.
  if (bytes.toString('base64url') !== token) return { kind: 'malformed' };
  try {
    return readPoint(stream, bytes);
  } catch {
    // lib0 throws on cut input, and BigInt on a number beyond 2^53: both are malformed tokens.
    return { kind: 'malformed' };
  }
}

function readPoint(stream: StreamName, bytes: Uint8Array): ReadToken {
  const decoder = decoding.createDecoder(bytes);
  if (decoding.readUint8(decoder) !== FORMAT_VERSION) return { kind: 'malformed' };
  const ofStream = Buffer.from(decoding.readUint8Array(decoder, FINGERPRINT_BYTES));
  const ofEvent = Buffer.from(decoding.readUint8Array(decoder, FINGERPRINT_BYTES));
  const revision = BigInt(decoding.readVarUint(decoder));
  if (decoding.hasContent(decoder) || ofEvent.length !== FINGERPRINT_BYTES) return { kind: 'malformed' };
  if (!ofStream.equals(fingerprint(stream))) return { kind: 'other-aggregate' };
  return { kind: 'point', revision, isOf: (eventId) => ofEvent.equals(fingerprint(eventId)) };
}

function fingerprint(text: string): Buffer {
  return createHash('sha256').update(text).digest().subarray(0, FINGERPRINT_BYTES);
}
