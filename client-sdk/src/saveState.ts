/**
 * Why something will not be saved until somebody acts.
 *
 * - `conflict`: a conflict waits for a decision.
 * - `text-refused`: a text has edits that the server did not take and never will, or has no aggregate for. Also those that are
 *   kept on the device as a rescue copy, from page to page, until `dismissRescue`.
 * - `connection-refused`: the server will not have this client.
 */
export type BlockReason = 'conflict' | 'text-refused' | 'connection-refused';

/**
 * Whether everything is durable on the server, fields and texts together.
 *
 * - `saved`: everything is.
 * - `saving`: something is on its way.
 * - `offline`: the connection is not online, whatever waits.
 * - `blocked`: something waits for a decision, or cannot be saved at all; `reasons` has each reason once.
 *
 * `pending` counts the commands that are not answered and the texts that have unsaved edits.
 */
export type SaveState =
  | { readonly status: 'saved' }
  | { readonly status: 'saving' | 'offline'; readonly pending: number }
  | { readonly status: 'blocked'; readonly pending: number; readonly reasons: readonly BlockReason[] };
