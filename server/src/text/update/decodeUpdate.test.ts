import * as encoding from 'lib0/encoding';
import { describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import { createUpdateDecoder } from './decodeUpdate.ts';

const decode = createUpdateDecoder();

function createDoc(clientId: number, ...texts: string[]): Y.Doc {
  const doc = new Y.Doc();
  doc.clientID = clientId;
  for (const text of texts) doc.getText('body').insert(0, text);
  return doc;
}

/** The bytes of an update, by hand. */
function encode(write: (encoder: encoding.Encoder) => void): Uint8Array {
  return encoding.encode(write);
}

function writeNumbers(...numbers: number[]) {
  return (encoder: encoding.Encoder) => numbers.forEach((number) => encoding.writeVarUint(encoder, number));
}

describe('decoding an update', () => {
  it('gives each client once, its structs in order, and what is deleted', () => {
    const doc = createDoc(7, 'abc', 'def');
    Y.applyUpdate(doc, Y.encodeStateAsUpdate(createDoc(9, 'xyz')));
    doc.getText('body').delete(0, 2);

    const decoded = decode(Y.encodeStateAsUpdate(doc));

    expect(decoded?.sections.map(({ client }) => client)).toEqual([9, 7]);
    expect([...(decoded?.deletions.values() ?? [])].flat()).toHaveLength(1);
  });

  it('[TXT4] refuses an update that is cut anywhere', () => {
    const doc = createDoc(7, 'abc', 'def');
    doc.getText('body').delete(1, 3);
    doc.getText('body').format(0, 2, { bold: true });
    const update = Y.encodeStateAsUpdate(doc);
    expect(decode(update)).toBeDefined();
    for (let length = 0; length < update.length; length++) {
      expect(decode(update.subarray(0, length))).toBeUndefined();
    }
  });

  it('[TXT4] refuses bytes after the update, and the second encoding', () => {
    const doc = createDoc(7, 'abc');
    expect(decode(Uint8Array.of(...Y.encodeStateAsUpdate(doc), 0))).toBeUndefined();
    expect(decode(Y.encodeStateAsUpdateV2(doc))).toBeUndefined();
  });

  it('[TXT4] refuses a client that comes twice or out of order', () => {
    const gc = (client: number, clock: number) => [1, client, clock, 0, 3];
    const noDeletions = 0;
    expect(decode(encode(writeNumbers(2, ...gc(9, 0), ...gc(7, 0), noDeletions)))).toBeDefined();
    expect(decode(encode(writeNumbers(2, ...gc(7, 0), ...gc(9, 0), noDeletions)))).toBeUndefined();
    expect(decode(encode(writeNumbers(2, ...gc(7, 0), ...gc(7, 3), noDeletions)))).toBeUndefined();
    expect(
      decode(encode(writeNumbers(3, ...gc(7, 0), ...gc(6, 0), ...gc(7, 3), noDeletions))),
    ).toBeUndefined();
  });

  it('[TXT4] refuses empty and absurdly long runs and deletions', () => {
    const run = (length: number) => encode(writeNumbers(1, 1, 7, 0, 0, length, 0));
    const deletion = (length: number) => encode(writeNumbers(0, 1, 7, 1, 5, length));
    expect([run(1), deletion(1)].map(decode)).not.toContain(undefined);
    for (const update of [run(0), deletion(0), deletion(Number.MAX_SAFE_INTEGER)]) {
      expect(decode(update)).toBeUndefined();
    }
    const farRun = encode(writeNumbers(1, 1, 7, 5, 0, Number.MAX_SAFE_INTEGER, 0));
    expect(decode(farRun)).toBeUndefined();
  });

  it('[TXT4] refuses an item that refers to a later one of its own client', () => {
    const item = (origin: number) => Uint8Array.of(1, 1, 7, 4, 0x84, 7, origin, 1, 97, 0);
    expect(decode(item(3))).toBeDefined();
    expect(decode(item(4))).toBeUndefined();
    expect(decode(item(9))).toBeUndefined();
  });

  it('takes any legal text', () => {
    for (const text of ['\0', '👩‍👩‍👧', '\u202Eabc', '\uFEFFbom', 'é', '𝒳'.repeat(1000)]) {
      expect(decode(Y.encodeStateAsUpdate(createDoc(7, text)))).toBeDefined();
    }
  });
});
