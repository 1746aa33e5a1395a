import { setImmediate } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { toTextStreamName } from '../../event-store/streamName.ts';
import { createOpenRooms } from './openRooms.ts';

const STREAM = toTextStreamName('note', 'body', 'n1');

it('closing rooms waits for a text that was evicted while it was being loaded', async () => {
  const rooms = createOpenRooms();
  const loaded = Promise.withResolvers<undefined>();
  const used = rooms.use(
    STREAM,
    () => loaded.promise,
    () => 'used',
  );
  await rooms.evict(STREAM, 'not-found', 'gone');
  let isClosed = false;
  const closed = rooms.close().then(() => (isClosed = true));
  await setImmediate();
  expect(isClosed).toBe(false);
  loaded.resolve(undefined);
  await closed;
  expect(await used).toEqual({ outcome: 'not-loaded' });
});
