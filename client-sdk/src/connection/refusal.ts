import { type CloseReason, isPermanentCloseCode, toCloseReason } from '../../protocol/closeCodes.ts';

/**
 * Why the server, or this client itself, will not have it: a close reason of the protocol; `other-person`, where what is
 * kept on the device is somebody else's than the one who signed in; `unknown`, for a code of a newer server.
 */
export type RefusalReason = CloseReason | 'other-person' | 'unknown';

/** Why the server will not have this client, or the client not go on; `detail` is for people. */
export type Refusal = { readonly reason: RefusalReason; readonly detail: string };

/** Undefined where a close code says that trying again may help. */
export function toRefusal(code: number, detail: string): Refusal | undefined {
  return isPermanentCloseCode(code) ? { reason: toCloseReason(code) ?? 'unknown', detail } : undefined;
}

/** Undefined where a person may go on; else why not. */
export type Admission = string | undefined;
