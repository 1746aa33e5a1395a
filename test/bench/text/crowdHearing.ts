import * as Y from 'yjs';
import type { PersonSocket, Received } from './socket.ts';

/** What one socket came to know of others' typing: the updates, and until when it knew how much of whom. */
export type Hearing = {
  readonly updates: Uint8Array[];
  readonly clocks: Map<number, number>;
};

export function createHearing(): Hearing {
  return { updates: [], clocks: new Map() };
}

/** Somebody's operations from one clock up to another were received. */
export type OnHeard = (
  clientId: number,
  clocks: { readonly from: number; readonly to: number; readonly at: number },
) => void;

/** Takes in what a socket received. Updates may have been merged; operations are reported once. */
export function hear(socket: PersonSocket, hearing: Hearing, onHeard?: OnHeard): void {
  for (const received of socket.takeReceived()) hearFrame(socket, hearing, received, onHeard);
}

function hearFrame(socket: PersonSocket, hearing: Hearing, { at, bytes }: Received, onHeard?: OnHeard): void {
  const heard = socket.decode(bytes);
  if (heard.kind !== 'update') return;
  hearing.updates.push(heard.update);
  for (const [clientId, to] of Y.parseUpdateMeta(heard.update).to) {
    const from = hearing.clocks.get(clientId) ?? 0;
    if (to <= from) continue;
    hearing.clocks.set(clientId, to);
    onHeard?.(clientId, { from, to, at });
  }
}
