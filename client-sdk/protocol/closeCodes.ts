/**
 * Why a socket or a channel was closed by the server.
 *
 * y-websocket 3.1 gives up for good on 4400–4499 and retries every other code, so permanent refusals are 44xx and
 * passing ones 45xx (its `defaultShouldReconnect`).
 */
export const CLOSE_CODES = {
  'invalid-message': 4400,
  unauthenticated: 4401,
  forbidden: 4403,
  'not-found': 4404,
  'other-epoch': 4409,
  'too-big': 4413,
  'protocol-version': 4426,
  internal: 4500,
  unavailable: 4503,
  idle: 4508,
  'rate-limited': 4529,
} as const;

export type CloseReason = keyof typeof CLOSE_CODES;

export function isPermanentCloseCode(code: number): boolean {
  return code >= 4400 && code < 4500;
}

/** The reason behind a close code, or undefined for a code that is none of ours. */
export function toCloseReason(code: number): CloseReason | undefined {
  return (Object.keys(CLOSE_CODES) as CloseReason[]).find((reason) => CLOSE_CODES[reason] === code);
}
