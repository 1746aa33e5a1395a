/** Tells a file of ours from another application's ("Weft" in ASCII). */
export const APPLICATION_ID = 0x57656674;

/** Grows with every change of the tables. */
export const FORMAT = 1;

/**
 * A stream's row stays when its events are truncated or tombstoned: its numbering goes on, or its tombstone stands.
 * `lastRevision` is kept by truncation only; as long as there are events the newest one tells, so that an append
 * writes nothing here. `AUTOINCREMENT` never gives a position again, also where the newest events were deleted.
 * `data` holds text for JSON and a blob for bytes; the category is repeated so that one index serves its readers.
 */
export const SCHEMA = `
  CREATE TABLE streams (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    lastRevision INTEGER,
    isTombstoned INTEGER NOT NULL DEFAULT 0
  ) STRICT;

  CREATE TABLE events (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    stream INTEGER NOT NULL,
    revision INTEGER NOT NULL,
    category TEXT NOT NULL,
    id TEXT NOT NULL,
    type TEXT NOT NULL,
    metadata TEXT NOT NULL,
    data ANY NOT NULL,
    UNIQUE (stream, revision),
    UNIQUE (stream, id)
  ) STRICT;

  CREATE INDEX eventsByCategory ON events (category, position);

  PRAGMA application_id = ${APPLICATION_ID};
  PRAGMA user_version = ${FORMAT};
`;
