/**
 * Whether everything is durable on the server, fields and open texts together: `saved` only then; `saving` while
 * something is not; `offline` while the connection is not online, whatever waits.
 */
export type SaveState = 'saved' | 'saving' | 'offline';
