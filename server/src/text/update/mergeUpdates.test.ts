import { describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import { createSeededRandom, type SeededRandom } from '../../../../test/support/seededRandom.ts';
import { buildUpdate, collected, contents, item } from '../../../../test/support/updateBuilder.ts';
import { createUpdateDecoder } from './decodeUpdate.ts';
import { EMPTY_UPDATE, mergeUpdates } from './mergeUpdates.ts';

const decode = createUpdateDecoder();

function countStructs(update: Uint8Array): number {
  return decode(update)!.sections.reduce((sum, { structs }) => sum + structs.length, 0);
}

function createEditor(clientId: number, updates: Uint8Array[]) {
  const doc = new Y.Doc();
  doc.clientID = clientId;
  doc.on('update', (update: Uint8Array, origin: unknown) => {
    if (origin === null) updates.push(update);
  });
  return doc;
}

function toDoc(updates: readonly Uint8Array[]): Y.Doc {
  const doc = new Y.Doc();
  for (const update of updates) Y.applyUpdate(doc, update, 'other');
  expect(doc.store.pendingStructs).toBeNull();
  expect(doc.store.pendingDs).toBeNull();
  return doc;
}

/** The content with its ids: two documents that differ in any place of any letter have another. */
function describeDoc(doc: Y.Doc) {
  const letters: unknown[] = [];
  for (let at = doc.getText('body')._start; at; at = at.right) {
    for (let offset = 0; offset < at.length; offset++) {
      const value = at.deleted ? null : (at.content.getContent()[offset] as unknown);
      letters.push([at.id.client, at.id.clock + offset, value]);
    }
  }
  return {
    letters,
    clocks: [...Y.decodeStateVector(Y.encodeStateVector(doc))].toSorted(([one], [other]) => one - other),
  };
}

function edit(doc: Y.Doc, random: SeededRandom): void {
  const text = doc.getText('body');
  const at = random.integer(text.length + 1);
  const choice = random.integer(10);
  if (choice < 6) text.insert(at, 'abcdef'.slice(0, 1 + random.integer(6)));
  else if (choice < 8) text.delete(at, Math.min(1 + random.integer(4), text.length - at));
  else if (choice < 9) text.format(at, Math.min(3, text.length - at), { bold: random.integer(2) === 0 });
  else text.insertEmbed(at, { n: at });
}

/** What several people typed at once, each update as it was sent. */
function typeTogether(random: SeededRandom): Uint8Array[] {
  const updates: Uint8Array[] = [];
  const editors = [1, 2, 3].map((client) => createEditor(client, updates));
  for (let turn = 0; turn < 60; turn++) {
    const editor = random.oneOf(editors);
    // Letters in a row, so that there is something to join.
    if (random.integer(2) === 0) {
      const text = editor.getText('body');
      const at = random.integer(text.length + 1);
      for (let typed = 0; typed < 4; typed++) text.insert(at + typed, String(typed));
    } else edit(editor, random);
    if (random.integer(3) > 0) continue;
    const state = Y.encodeStateAsUpdate(random.oneOf(editors));
    Y.applyUpdate(random.oneOf(editors), state, 'other');
  }
  return updates;
}

describe('merging updates', () => {
  it('gives the empty text of none, and the same bytes of one', () => {
    expect(mergeUpdates([])).toBe(EMPTY_UPDATE);
    const [update] = typeTogether(createSeededRandom());
    expect(mergeUpdates([update!])).toBe(update);
  });

  it('refuses what is no update', () => {
    expect(() => mergeUpdates([EMPTY_UPDATE, Uint8Array.of(1)])).toThrow('no update');
  });

  it.each([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])('[TXT7] [TXT8] changes nothing of a text (%i)', (salt) => {
    const random = createSeededRandom(salt);
    for (let round = 0; round < 30; round++) {
      const updates = typeTogether(random);
      const expected = describeDoc(toDoc(updates));
      const merged = mergeUpdates(updates);
      expect(describeDoc(toDoc([merged]))).toEqual(expected);
      // In any groups, with repeats, and in any order of the groups.
      const cut = random.integer(updates.length);
      const parts = [updates.slice(0, cut), updates.slice(cut), updates.slice(cut >> 1, cut)].map(
        mergeUpdates,
      );
      expect(describeDoc(toDoc([mergeUpdates(parts.toReversed())]))).toEqual(expected);
      expect(describeDoc(toDoc([mergeUpdates([merged, ...parts])]))).toEqual(expected);
      // A snapshot of the beginning, in which deleted text was collected, and all that came.
      const snapshot = Y.encodeStateAsUpdate(toDoc(updates.slice(0, cut)));
      expect(describeDoc(toDoc([mergeUpdates([snapshot, ...updates])]))).toEqual(expected);
    }
  });

  it('[TXT20] makes one piece of what was typed letter by letter, and none of what was not', () => {
    const updates: Uint8Array[] = [];
    const text = createEditor(7, updates).getText('body');
    for (let at = 0; at < 1000; at++) text.insert(at, 'x');
    const merged = mergeUpdates(updates);
    expect(countStructs(merged)).toBe(1);
    expect(merged.byteLength).toBeLessThan(1100);
    for (let times = 0; times < 10; times++) text.insert(500, 'y');
    expect(countStructs(mergeUpdates(updates))).toBe(11);
  });

  it('leaves out what is left out', () => {
    const updates: Uint8Array[] = [];
    const text = createEditor(7, updates).getText('body');
    for (let at = 0; at < 5; at++) text.insert(at, 'x');
    const holed = mergeUpdates([updates[4]!, updates[0]!, updates[2]!]);
    expect(countStructs(holed)).toBe(5);
    expect(describeDoc(toDoc([mergeUpdates([holed, updates[3]!, updates[1]!])]))).toEqual(
      describeDoc(toDoc(updates)),
    );
  });

  it('takes the first of two that have the same clocks, and of the other what it has more', () => {
    const long = buildUpdate({ sections: [{ client: 7, structs: [item(contents.string('abcd'))] }] });
    const short = buildUpdate({ sections: [{ client: 7, structs: [item(contents.string('ab'))] }] });
    const runs = buildUpdate({ sections: [{ client: 7, structs: [collected(2), collected(3)] }] });
    expect(
      toDoc([mergeUpdates([short, long])])
        .getText('body')
        .toJSON(),
    ).toBe('abcd');
    expect(decode(mergeUpdates([runs, runs]))!.sections[0]!.structs).toMatchObject([{ length: 5 }]);
  });
});
