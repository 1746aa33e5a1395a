import { expect, it, vi } from 'vitest';
import { memoryStorage } from './offline/index.ts';
import type { ClientStorage } from './storage/clientStorage.ts';
import { createTestClient } from './testSupport/createTestClient.ts';

it('[OFF5] [OFF10] what the device gives of a page that is gone is not read once more for each aggregate', async () => {
  const device = memoryStorage();
  const read = vi.fn();
  const counting: ClientStorage = {
    open: async (options) => {
      const open = await device.open(options);
      const { readAggregate } = open;
      return Object.defineProperty(open, 'readAggregate', {
        value: (address: Parameters<typeof readAggregate>[0]) => {
          read(address.id);
          return readAggregate(address);
        },
      });
    },
  };
  const gone = createTestClient({ storage: device });
  const ids = Array.from({ length: 20 }, (_, index) => `n${index}`);
  for (const id of ids) void gone.weft.note(id).create({ title: id });
  await gone.weft.whenKept();
  const other = createTestClient({ storage: counting });
  await vi.waitFor(() => expect(other.weft.saveState.peek()).toMatchObject({ pending: ids.length }));
  expect(read).toHaveBeenCalledTimes(ids.length);
  await gone.weft.close();
  await other.server.accept();
  const sent = new Set<string>();
  await vi.waitFor(() => {
    for (const { id } of other.server.all('command')) sent.add(id);
    expect(sent.size).toBe(ids.length);
  });
  expect(read).toHaveBeenCalledTimes(ids.length);
});
