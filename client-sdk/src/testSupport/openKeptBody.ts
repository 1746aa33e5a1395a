import { expect, vi } from 'vitest';
import type { ClientStorage } from '../storage/clientStorage.ts';
import { createFakeRoom } from './createFakeRoom.ts';
import { createTestClient, say } from './createTestClient.ts';

/** A page on a storage; whether it gets to the server is the test's. */
export function openPage(storage: ClientStorage, { epoch = '0' }: { readonly epoch?: string } = {}) {
  const client = createTestClient({ storage });
  const { server } = client;
  return {
    ...client,
    room: createFakeRoom(server, { epoch }),
    /** Gets it to a server that has the note. */
    connect: async (): Promise<void> => {
      await server.accept();
      await vi.waitFor(() => expect(server.all('subscribe')).toHaveLength(1), { interval: 1 });
      server.say(say.state('t1'));
    },
  };
}

/** A page with the body of a note synchronised and saved. */
export async function openKeptBody(storage: ClientStorage) {
  const page = openPage(storage);
  const handle = page.weft.note('n1');
  const body = handle.text('body');
  await page.connect();
  await page.room.open();
  page.room.answer();
  page.room.save();
  return { ...page, handle, body };
}
