/**
 * The session protocol's version. A change of any message bumps it, unless it adds what an older peer may leave out or
 * ignore; `messages.test.ts` pins the schemas' hash.
 *
 * 1: first version.
 */
export const PROTOCOL_VERSION = 1;

/** The oldest version of a client that the server still answers. */
export const MIN_SUPPORTED_PROTOCOL_VERSION = 1;
