import { MAX_JSON_DEPTH } from '@weft/client/protocol';

/**
 * Structs and deleted ranges of one update besides the deletions that are known. Judging so many takes up to 50 ms.
 * Clients count as runs as well, those with content as sixteen.
 */
export const MAX_UPDATE_RUNS = 64 * 1024;

/**
 * The same of a state that a text begins anew with. It may have more than an update, as long as it has its history;
 * what is left of it without that is taken like an update.
 */
export const MAX_STATE_RUNS = 4 * MAX_UPDATE_RUNS;

/** Bytes of one formatting value, embedded value or attribute, as it is encoded. */
export const MAX_VALUE_BYTES = 64 * 1024;

/** Nesting of such a value, as of any JSON from outside. */
export const MAX_VALUE_DEPTH = MAX_JSON_DEPTH;

/** UTF-16 code units of the name of a formatting, an attribute or a node. */
export const MAX_NAME_LENGTH = 1024;

/** Clocks that one run without content may take: a few bytes claim as many as they like. */
export const MAX_EMPTY_RUN_LENGTH = 2 ** 24;

/** Clocks of one client; one who types ten characters a second gets here in seven years. */
export const MAX_CLIENT_CLOCK = 2 ** 31;

/**
 * Levels of elements inside each other in a rich text: a document deletes and collects them by recursion, and ten times
 * as many are well within what a browser's stack holds.
 */
export const MAX_NESTING = 256;

/**
 * Levels of one person directly inside each other. Lists in lists take three a level. Lower than all, so that nobody
 * alone makes something so deep that others cannot go on in it.
 */
export const MAX_OWN_NESTING = 128;
