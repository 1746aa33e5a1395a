import type { CloseReason, Down } from '@weft/client/protocol';

/** What a session needs of its socket. */
export type SessionSocket = {
  sendMessage(message: Down): void;
  sendBinary(frame: Uint8Array): void;
  close(reason: CloseReason, detail: string): void;
  pause(): void;
  resume(): void;
};
