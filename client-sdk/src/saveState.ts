/**
 * Whether everything is durable on the server, fields and open texts together: `saved` only then; `saving` while
 * something is on its way; `refused` while an open text has edits that the server did not take and never will, until the
 * application has closed that text; `offline` while the connection is not online, whatever waits.
 */
export type SaveState = 'saved' | 'saving' | 'refused' | 'offline';
