import { describe, expect, it, onTestFinished } from 'vitest';
import * as Y from 'yjs';
import { createMaterialiser } from './materialiser.ts';

const FAR_MORE_THAN_INLINE = 30_000;

function open() {
  const materialiser = createMaterialiser();
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

/** An update of the first eight clocks of the only client. */
function createFirstOf(whole: Uint8Array): Uint8Array {
  const client = [...Y.parseUpdateMeta(whole).to.keys()][0]!;
  const doc = new Y.Doc();
  doc.clientID = client;
  doc.getText('body').insert(0, 'a secret');
  return Y.encodeStateAsUpdate(doc);
}
