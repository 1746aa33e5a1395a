import { describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import { createUpdateDecoder } from './decodeUpdate.ts';
import { KnownContent } from './knownContent.ts';

const decode = createUpdateDecoder();

describe('known content', () => {
  it('goes as far as there is no hole, so that what is missing is asked for', () => {
    const doc = new Y.Doc();
    doc.clientID = 7;
    const updates: Uint8Array[] = [];
    doc.on('update', (update: Uint8Array) => updates.push(update));
    for (const letters of ['abc', 'def', 'ghi']) doc.getText('body').insert(0, letters);

    const known = new KnownContent();
    known.add(decode(Y.mergeUpdates([updates[0]!, updates[2]!]))!);

    expect(known.clockOf(7)).toBe(3);
    expect(known.clockOf(9)).toBe(0);
    expect([...Y.decodeStateVector(known.encodeStateVector())]).toEqual([[7, 3]]);
  });
});
