import { hash } from 'node:crypto';
import type { ConsistencyToken } from '@weft/client/protocol';
import type { Revision, StreamName } from '../event-store/eventStore.ts';

// The parts of a token, in bytes: format version, fingerprint of the event, revision, and the stream in what is left.
const FORMAT_VERSION = 1;
const FINGERPRINT_AT = 1;
const FINGERPRINT_BYTES = 6;
const REVISION_AT = FINGERPRINT_AT + FINGERPRINT_BYTES;
const REVISION_BYTES = 6;
const STREAM_AT = REVISION_AT + REVISION_BYTES;

/** A state of an aggregate: the event that led to it. The event's id tells two histories with equal revisions apart. */
export type StatePoint = { readonly revision: Revision; readonly eventId: string };

/** What a token says. The stream is whatever its maker wrote: there need not be such an aggregate. */
export type ReadToken = {
  readonly stream: StreamName;
  readonly revision: Revision;
  readonly isOf: (eventId: string) => boolean;
};

export function toToken(stream: StreamName, { revision, eventId }: StatePoint): ConsistencyToken {
  // Names of aggregates and their ids are ASCII.
  const bytes = Buffer.allocUnsafe(STREAM_AT + stream.length);
  bytes.writeUInt8(FORMAT_VERSION);
  toFingerprint(eventId).copy(bytes, FINGERPRINT_AT);
  bytes.writeUIntBE(Number(revision), REVISION_AT, REVISION_BYTES);
  bytes.write(stream, STREAM_AT, 'latin1');
  return bytes.toString('base64url') as ConsistencyToken;
}

/**
 * Reads a token; undefined where it is malformed. It is not signed: a forged one only makes its forger's writes less
 * guarded, which leaving the token out does as well.
 */
export function readToken(token: ConsistencyToken): ReadToken | undefined {
  const bytes = Buffer.from(token, 'base64url');
  // Buffer skips what is no base64url, so a token that does not come back the same was none of ours.
  if (bytes.toString('base64url') !== token) return undefined;
  if (bytes.length <= STREAM_AT || bytes.readUInt8() !== FORMAT_VERSION) return undefined;
  const fingerprint = bytes.subarray(FINGERPRINT_AT, REVISION_AT);
  return {
    stream: bytes.toString('latin1', STREAM_AT) as StreamName,
    revision: BigInt(bytes.readUIntBE(REVISION_AT, REVISION_BYTES)),
    isOf: (eventId) => fingerprint.equals(toFingerprint(eventId)),
  };
}

function toFingerprint(eventId: string): Buffer {
  return hash('sha256', eventId, 'buffer').subarray(0, FINGERPRINT_BYTES);
}
