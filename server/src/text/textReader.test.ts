import { describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import { createInMemoryEventStore } from '../event-store/inMemoryEventStore.ts';
import { toTextStreamName } from '../event-store/streamName.ts';
import { materialise } from './document/materialise.ts';
import type { Materialiser } from './document/materialiser.ts';
import { createTextReader } from './textReader.ts';

const STREAM = toTextStreamName('note', 'body', 'n1');

function setUp() {
  const made: string[] = [];
  let gate: Promise<undefined> | undefined;
  const materialiser: Pick<Materialiser, 'make'> = {
    make: async (kind, whole, field) => {
      made.push(kind);
      await gate;
      return materialise(kind, whole, field);
    },
  };
  const reader = createTextReader(createInMemoryEventStore(), materialiser);
  let merged = 0;
  const doc = new Y.Doc();
  doc.getText('body').insert(0, 'hello');
  const update = Y.encodeStateAsUpdate(doc);
  const open = {
    revision: 3n,
    get stored() {
      merged++;
      return { update, revision: 3n, epoch: '0' };
    },
  };
  return {
    reader,
    source: { stream: STREAM, field: 'body', open },
    made,
    merged: () => merged,
    gateBy: (promise: Promise<undefined>) => {
      gate = promise;
    },
  };
}

describe('reading an open text', () => {
  it('[TXT14] merges and makes it once a revision', async () => {
    const { reader, source, made, merged } = setUp();
    const read = await reader.read(source);
    expect(read).toEqual({ text: 'hello', length: 5, revision: 3n, epoch: '0' });
    expect(await reader.read(source)).toBe(read);
    expect([made, merged()]).toEqual([['text'], 1]);
    const later = { revision: 4n, stored: { ...source.open.stored, revision: 4n } };
    expect((await reader.read({ ...source, open: later })).revision).toBe(4n);
    expect(made).toHaveLength(2);
  });

  it('[EPO1] remembers nothing of what was forgotten, not even what was being made then', async () => {
    const { reader, source, made, gateBy } = setUp();
    await reader.read(source);
    reader.forget(STREAM);
    await reader.read(source);
    expect(made).toHaveLength(2);
    reader.forget(STREAM);

    const { promise, resolve } = Promise.withResolvers<undefined>();
    gateBy(promise);
    const reading = reader.read(source);
    reader.forget(STREAM);
    resolve(undefined);
    expect((await reading).text).toBe('hello');
    await reader.read(source);
    expect(made).toHaveLength(4);
  });
});
