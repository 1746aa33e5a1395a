/** Bytes of one JSON body or JSON frame. Larger ones are refused: 413 over HTTP, close code 4413 on a socket. */
export const MAX_JSON_BYTES = 256 * 1024;

/** Nesting of one JSON body or JSON frame: no field needs more, and deeper input only serves to exhaust the stack. */
export const MAX_JSON_DEPTH = 64;

/** Bytes of one binary frame. A paste of a few million characters fits. */
export const MAX_TEXT_FRAME_BYTES = 8 * 1024 * 1024;

/** Bytes of one awareness frame; a cursor with a user takes about 200. */
export const MAX_AWARENESS_FRAME_BYTES = 64 * 1024;

/**
 * Awareness states that one socket may own, and that the server sends in one frame. A frame of a client may carry
 * more: one that wakes from sleep repeats everybody's.
 */
export const MAX_AWARENESS_STATES = 64;

/** Texts that one session may have open at once. */
export const MAX_CHANNELS_PER_SESSION = 4096;

/** Aggregates that one session may be subscribed to at once. */
export const MAX_SUBSCRIPTIONS_PER_SESSION = 4096;

/** Milliseconds from the upgrade to the hello; traffic does not extend it. */
export const HELLO_TIMEOUT_MS = 10_000;

/** Milliseconds between two pings of a silent socket, at both ends. */
export const PING_INTERVAL_MS = 20_000;

/** Milliseconds without any frame after which a socket counts as dead, at both ends. */
export const SILENCE_TIMEOUT_MS = 45_000;

/** Bytes that may wait in a socket's send buffer before it is closed to resume later. */
export const MAX_BUFFERED_BYTES = 32 * 1024 * 1024;

/** Aggregates that a list shows, newest change first. */
export const MAX_LISTED_AGGREGATES = 1000;

/** Characters of an aggregate id. */
export const MAX_AGGREGATE_ID_LENGTH = 128;

/** Characters of an idempotency key. */
export const MAX_IDEMPOTENCY_KEY_LENGTH = 128;

/** Characters of the epoch that a client names when it opens a text. */
export const MAX_TEXT_EPOCH_LENGTH = 64;

/** Characters of a person's id and name. */
export const MAX_USER_NAME_LENGTH = 80;
