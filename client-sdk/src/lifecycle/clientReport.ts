import type { TextTarget } from '../connection/textTarget.ts';
import type { LateOutcome } from '../lateOutcome.ts';
import type { RescueCopy } from '../text/rescueCopy.ts';

/**
 * Something that went wrong and that nobody is waiting for: the client goes on.
 *
 * - `invalid-message`: the server sent what makes no sense; it was ignored.
 * - `server-error`: the server could not serve a message.
 * - `connect-failed`: the token or the socket could not be had; the client tries again.
 * - `text-refused`: the server did not take the last edits of a text, and the application has closed it; or an earlier page
 *   has left such edits on the device; or a text was edited after it was closed. `rescue` has them.
 * - `listener-failed`: a listener of the application threw; the others were called.
 * - `decide-failed`: a command's `decide`, or an event's `evolve`, threw. The command is sent all the same; what it does
 *   is shown when the server has done it.
 * - `command-rejected`: the server rejected a command whose page is gone, and the application has no `onOutcome` to be told.
 * - `storage-failed`: what was kept on the device could not be read, and was set aside, or could not be written; or what
 *   it says is of an aggregate that the client has no definition of.
 * - `second-yjs`: another copy of Yjs was loaded, whose documents and texts are strangers to this one's.
 */
export type ClientReport =
  | { readonly kind: 'invalid-message'; readonly detail: string }
  | { readonly kind: 'server-error'; readonly code: string; readonly detail: string }
  | (TextTarget & { readonly kind: 'text-refused'; readonly detail: string; readonly rescue: RescueCopy })
  | { readonly kind: 'storage-failed'; readonly detail: string; readonly error?: unknown }
  | { readonly kind: 'command-rejected'; readonly detail: string; readonly outcome: LateOutcome }
  | { readonly kind: 'second-yjs'; readonly detail: string }
  | { readonly kind: 'connect-failed'; readonly error: unknown }
  | { readonly kind: 'listener-failed' | 'decide-failed'; readonly error: unknown };

export type Report = (report: ClientReport) => void;

/** Keeps a reporter that throws from harming what reports to it. */
export function createReport(onReport: Report = reportToPage): Report {
  return (report) => {
    try {
      onReport(report);
    } catch {
      // The one who is told of errors failed: there is nobody left to tell.
    }
  };
}

/** Shows as an uncaught error does in a browser; where there is no `reportError`, such as in Node, nothing. */
function reportToPage(report: ClientReport): void {
  const error = 'detail' in report ? new Error(`weft: ${report.kind}: ${report.detail}`) : report.error;
  const { reportError } = globalThis as { reportError?: (error: unknown) => void };
  reportError?.(error);
}
