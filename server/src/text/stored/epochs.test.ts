import * as encoding from 'lib0/encoding';
import { expect, it } from 'vitest';
import * as Y from 'yjs';
import { type Materialised, materialise } from '../document/materialise.ts';
import type { Materialiser } from '../document/materialiser.ts';
import { MAX_STATE_RUNS, MAX_UPDATE_RUNS } from '../judging/updateLimits.ts';
import { toFreshContent } from './epochs.ts';

const SHAPE = { kind: 'text', field: 'body' } as const;

function createMaterialiser() {
  const asked: string[] = [];
  const materialiser: Materialiser = {
    async make<Kind extends keyof Materialised>(kind: Kind, whole: Uint8Array, field: string) {
      asked.push(kind);
      return materialise(kind, whole, field);
    },
    edit: () => Promise.reject(new Error('nothing is edited')),
    close: () => Promise.resolve(),
  };
  return { asked, materialiser };
}

/** Deletions of every other letter of nothing that is there. */
function deleteEveryOther(runs: number): Uint8Array {
  return encoding.encode((encoder) => {
    for (const header of [0, 1, 7, runs]) encoding.writeVarUint(encoder, header);
    for (let run = 0; run < runs; run++) {
      encoding.writeVarUint(encoder, 2 * run);
      encoding.writeVarUint(encoder, 1);
    }
  });
}

it('[EPO2] a state with more runs than an update may have is taken, since they are its history', async () => {
  const doc = new Y.Doc();
  const text = doc.getText('body');
  const letters = MAX_UPDATE_RUNS + 1000;
  doc.transact(() => {
    for (let letter = 0; letter < letters; letter++) text.insert(0, 'x');
  });
  const { materialiser } = createMaterialiser();
  const fresh = await toFreshContent(materialiser, Y.encodeStateAsUpdate(doc), SHAPE);
  if (fresh.outcome !== 'fresh') throw new Error(fresh.detail);
  const rebuilt = new Y.Doc();
  Y.applyUpdate(rebuilt, fresh.content.update);
  expect(rebuilt.getText('body').length).toBe(letters);
});

it('[EPO2] a state with more runs than any may have is refused before anything is made of it', async () => {
  const { asked, materialiser } = createMaterialiser();
  const refused = await toFreshContent(materialiser, deleteEveryOther(MAX_STATE_RUNS + 1), SHAPE);
  expect(refused).toEqual({ outcome: 'malformed', detail: expect.any(String) as string });
  expect(asked).toEqual([]);
});
