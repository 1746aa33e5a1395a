import { describe, expect, it, onTestFinished, vi } from 'vitest';
import * as Y from 'yjs';
import { createManualClock } from '../../../../client-sdk/src/testSupport/manualClock.ts';
import { buildUpdate, contents, item } from '../../../../test/support/updateBuilder.ts';
import type { Clock } from '../../lifecycle/clock.ts';
import { createMaterialiser } from './materialiser.ts';
import { OverloadedError } from './overloadedError.ts';

const FAR_MORE_THAN_INLINE = 30_000;

function open(clock?: Clock) {
  const materialiser = createMaterialiser({ clock });
  onTestFinished(() => materialiser.close());
  return materialiser;
}

function createText(length: number) {
  const doc = new Y.Doc();
  const text = doc.getText('body');
  const updates: Uint8Array[] = [];
  doc.on('update', (update: Uint8Array) => updates.push(update));
  text.insert(0, 'a secret');
  text.delete(0, 8);
  text.insert(0, '😀'.repeat(length / 2));
  return { doc, whole: Y.mergeUpdates(updates) };
}

describe('a materialiser', () => {
  it.each([{ size: 10 }, { size: FAR_MORE_THAN_INLINE }])(
    'reads a text of $size code units and makes its snapshot',
    async ({ size }) => {
      const materialiser = open();
      const { doc, whole } = createText(size);

      expect(await materialiser.make('text', whole, 'body')).toBe('😀'.repeat(size / 2));
      const { update, length } = await materialiser.make('snapshot', whole, 'body');

      expect(length).toBe(size);
      expect(Y.encodeStateVectorFromUpdate(update)).toEqual(Y.encodeStateVector(doc));
      expect(Buffer.from(whole).includes('secret')).toBe(true);
      expect(Buffer.from(update).includes('secret')).toBe(false);
    },
  );

  it.each([{ size: 10 }, { size: FAR_MORE_THAN_INLINE }])(
    'rejects what it cannot make of $size code units, and goes on',
    async ({ size }) => {
      const materialiser = open();
      const { whole } = createText(size);
      const cut = whole.slice(0, whole.length - 3);
      await expect(materialiser.make('text', cut, 'body')).rejects.toThrow();
      const gap = Y.diffUpdate(whole, Y.encodeStateVectorFromUpdate(createFirstOf(whole)));
      await expect(materialiser.make('snapshot', gap, 'body')).rejects.toThrow(/depends on/);
      expect(await materialiser.make('text', whole, 'body')).toHaveLength(size);
    },
  );

  it('rejects what is asked when it is closed, and what it was asked before', async () => {
    const materialiser = open();
    const { whole } = createText(FAR_MORE_THAN_INLINE);
    const asked = materialiser.make('text', whole, 'body');
    await Promise.all([expect(asked).rejects.toThrow(/closed/), materialiser.close()]);
    await expect(materialiser.make('text', whole, 'body')).rejects.toThrow(/closed/);
  });
});

describe('a materialiser that is given a text which takes minutes', () => {
  it('ends it after ten seconds, starts anew and goes on with the others', async () => {
    const clock = createManualClock();
    const materialiser = open(clock);
    const { whole } = createText(FAR_MORE_THAN_INLINE);
    const slow = materialiser.make('text', createSlowText(60_000), 'body');
    const others = [materialiser.make('text', whole, 'body'), materialiser.make('snapshot', whole, 'body')];
    await vi.waitFor(() => expect(clock.timers).toBe(1));
    clock.advance(10_000);
    await expect(slow).rejects.toThrow('the text takes too long');
    await expect(Promise.all(others)).resolves.toMatchObject(['😀'.repeat(FAR_MORE_THAN_INLINE / 2), {}]);
    expect(clock.timers).toBe(0);
  });

  it('counts the ten seconds of each from when its turn comes', async () => {
    const clock = createManualClock();
    const materialiser = open(clock);
    const first = materialiser.make('text', createSlowText(60_000), 'body');
    const second = materialiser.make('text', createSlowText(60_001), 'body');
    await vi.waitFor(() => expect(clock.timers).toBe(1));
    clock.advance(10_000);
    await expect(first).rejects.toThrow('takes too long');
    await vi.waitFor(() => expect(clock.timers).toBe(1));
    clock.advance(9_999);
    expect(clock.timers).toBe(1);
    clock.advance(1);
    await expect(second).rejects.toThrow('takes too long');
  });

  it('does not try it again for a minute, whatever is wanted of it', async () => {
    const clock = createManualClock();
    const materialiser = open(clock);
    const text = createSlowText(60_000);
    const asked = Array.from({ length: 5 }, () => materialiser.make('text', text.slice(), 'body'));
    const refused = Promise.all(asked.map((one) => expect(one).rejects.toThrow('takes too long')));
    await vi.waitFor(() => expect(clock.timers).toBe(1));
    clock.advance(10_000);
    await refused;
    await expect(materialiser.make('content', text, 'body')).rejects.toThrow('a short while ago');
    const emptyOfSameSize = new Uint8Array(text.length);
    expect(await materialiser.make('text', emptyOfSameSize, 'body')).toBe('');
    clock.advance(60_000);
    const again = materialiser.make('text', text, 'body');
    await vi.waitFor(() => expect(clock.timers).toBe(1));
    clock.advance(10_000);
    await expect(again).rejects.toThrow('the text takes too long');
  });

  it('takes a thousand jobs, and refuses more until they are done', async () => {
    const clock = createManualClock();
    const materialiser = open(clock);
    const { whole } = createText(FAR_MORE_THAN_INLINE);
    const slow = materialiser.make('text', createSlowText(60_000), 'body');
    const others = Array.from({ length: 999 }, () => materialiser.make('text', whole, 'body'));
    await expect(materialiser.make('text', whole, 'body')).rejects.toBeInstanceOf(OverloadedError);
    await vi.waitFor(() => expect(clock.timers).toBe(1));
    clock.advance(10_000);
    await expect(slow).rejects.toThrow('takes too long');
    await Promise.all(others);
    expect(await materialiser.make('text', whole, 'body')).toHaveLength(FAR_MORE_THAN_INLINE);
  });

  it('is closed at once', async () => {
    const materialiser = open();
    const asked = [60_000, 60_001].map((length) => materialiser.make('text', createSlowText(length), 'body'));
    const refused = Promise.all(asked.map((one) => expect(one).rejects.toThrow('closed')));
    await materialiser.close();
    await refused;
  });
});

/** A run, and as many items again that all conflict: Yjs compares each with all that came before, again and again. */
function createSlowText(length: number): Uint8Array {
  const run = item(contents.string('r'.repeat(length + 1)));
  const conflicting = Array.from({ length }, (_, index) =>
    item(contents.string('x'), { before: [1, length - index] }),
  );
  return buildUpdate({ sections: [{ client: 1, structs: [run, ...conflicting] }] });
}

/** An update of the first eight clocks of the only client. */
function createFirstOf(whole: Uint8Array): Uint8Array {
  const client = [...Y.parseUpdateMeta(whole).to.keys()][0]!;
  const doc = new Y.Doc();
  doc.clientID = client;
  doc.getText('body').insert(0, 'a secret');
  return Y.encodeStateAsUpdate(doc);
}
