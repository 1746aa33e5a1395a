import type { Rejection, RejectionCode } from '@weft/client/protocol';

export function reject(code: RejectionCode, detail: string): Rejection {
  return { outcome: 'rejected', code, detail };
}
