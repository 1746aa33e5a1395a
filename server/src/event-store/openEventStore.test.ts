import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createTemporaryFolder } from '../../../test/support/temporaryFolder.ts';
import { numberedEvents } from '../../../test/contract/event-store/newEvents.ts';
import { openEventStore } from './openEventStore.ts';
import { toStreamName } from './streamName.ts';

const stream = toStreamName('note', '1');

describe('openEventStore', () => {
  it('opens a store in memory', async () => {
    const store = await openEventStore('memory:');
    onTestFinished(() => store.close());

    expect(await store.append(stream, numberedEvents(1), 'any')).toMatchObject({ outcome: 'appended' });
  });

  it('opens a file, whatever its name holds', async () => {
    const folder = await createTemporaryFolder();
    const url = `sqlite:${join(folder, 'a b?c=d#e%20.db')}`;
    const store = await openEventStore(url);
    await store.append(stream, numberedEvents(1), 'any');
    await store.close();

    const again = await openEventStore(url);
    onTestFinished(() => again.close());
    expect(await again.readStream(stream)).toMatchObject({ outcome: 'read', lastRevision: 0n });
    expect(readdirSync(folder)).toContain('a b?c=d#e%20.db');
  });

  it.each([
    '',
    'sqlite:',
    'sqlite::memory:',
    'memory:x',
    './data/weft.db',
    'postgres://localhost',
    'SQLITE:x',
  ])('refuses "%s" and says what it takes', async (url) => {
    await expect(openEventStore(url)).rejects.toThrow(RangeError);
    await expect(openEventStore(url)).rejects.toThrow('use sqlite:<path> or memory:');
  });

  it('refuses EventStoreDB as not supported yet', async () => {
    await expect(openEventStore('esdb://127.0.0.1:2113')).rejects.toThrow(/esdb:\/\/ .*not supported yet/);
  });
});
