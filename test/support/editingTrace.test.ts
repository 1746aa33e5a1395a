import { describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import { type EditingTrace, readEditingTrace, type TracedUpdate } from './editingTrace.ts';
import { createSeededRandom, type SeededRandom } from './seededRandom.ts';

const FIELD = 'body';
const trace = readEditingTrace('friendsforever', { field: FIELD });

/** The text of someone who is given these updates one by one. */
function replay(updates: readonly TracedUpdate[]): string {
  const doc = new Y.Doc();
  for (const { update } of updates) Y.applyUpdate(doc, update);
  expect(doc.store.pendingStructs).toBeNull();
  return doc.getText(FIELD).toString();
}

/** The same updates in another order that has every one after its parents. */
function shuffleCausally({ updates }: EditingTrace, random: SeededRandom): TracedUpdate[] {
  const waitsFor = updates.map(({ parents }) => parents.length);
  const children: TracedUpdate[][] = updates.map(() => []);
  for (const update of updates) for (const parent of update.parents) children[parent]!.push(update);
  const ready = updates.filter(({ parents }) => parents.length === 0);
  const shuffled: TracedUpdate[] = [];

  while (ready.length > 0) {
    const [next] = ready.splice(random.integer(ready.length), 1);
    shuffled.push(next!);
    for (const child of children[next!.index]!) {
      waitsFor[child.index]! -= 1;
      if (waitsFor[child.index] === 0) ready.push(child);
    }
  }
  return shuffled;
}

describe('the trace of two friends', () => {
  it('has two authors who type at the same time', () => {
    expect(trace.updates).toHaveLength(26_078);
    expect(new Set(trace.updates.map(({ author }) => author))).toEqual(new Set([0, 1]));
    expect(trace.updates.filter(({ parents }) => parents.length === 2).length).toBeGreaterThan(1_000);
  });

  it('ends with its text in the order of the file', () => {
    expect(replay(trace.updates)).toBe(trace.endContent);
  });

  it.each([1, 2, 3])('ends with its text in any order that honours the parents (%i)', (salt) => {
    const shuffled = shuffleCausally(trace, createSeededRandom(salt));
    expect(shuffled).toHaveLength(trace.updates.length);
    expect(shuffled.map(({ index }) => index)).not.toEqual(trace.updates.map(({ index }) => index));
    expect(replay(shuffled)).toBe(trace.endContent);
  });

  it('ends with another text where the second author has the smaller client id', () => {
    const turned = readEditingTrace('friendsforever', { field: FIELD, clientIds: [2, 1] });
    expect(replay(turned.updates)).not.toBe(trace.endContent);
  });
});
