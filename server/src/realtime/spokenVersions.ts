import { MIN_SUPPORTED_PROTOCOL_VERSION, PROTOCOL_VERSION } from '@weft/client/protocol';

/** Tells a client whose version is not spoken what is. */
export const SPOKEN_VERSIONS = `this server speaks protocol versions ${MIN_SUPPORTED_PROTOCOL_VERSION} to ${PROTOCOL_VERSION}`;

export function isSpoken(version: number): boolean {
  return version >= MIN_SUPPORTED_PROTOCOL_VERSION && version <= PROTOCOL_VERSION;
}
