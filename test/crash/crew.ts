import type { SeededRandom } from '../support/seededRandom.ts';
import type { Ledger } from './ledger.ts';
import { createOfflineTypist } from './offlineTypist.ts';
import { createPasserBy } from './passerBy.ts';
import { createPaster } from './paster.ts';
import type { Person } from './person.ts';
import { createRetitler, type Retitler } from './retitler.ts';
import { createTypist } from './typist.ts';

export type Crew = {
  readonly people: readonly Person[];
  readonly retitlers: readonly Retitler[];
  /** Everything that they use. */
  readonly notes: readonly string[];
  /** Those whose text they edit. */
  readonly texts: readonly string[];
};

const SHARED = ['shared-1', 'shared-2', 'shared-3'];
const PASTED = 'pasted';

/** A number of people of every kind, some of them in the same texts. */
export function createCrew(url: string, ledger: Ledger, random: SeededRandom, count: number): Crew {
  const place = { url, ledger, random };
  const retitlers: Retitler[] = [];
  const texts = [...SHARED, PASTED];
  const titled: string[] = [];
  const people = Array.from({ length: count }, (_, index): Person => {
    const own = [`own-${index}-1`, `own-${index}-2`];
    switch (index % 6) {
      case 0:
        return createTypist(place, { name: `typist${index}`, notes: SHARED });
      case 1:
        texts.push(...own);
        return createPasserBy(place, { name: `visitor${index}`, notes: own });
      case 2:
        return createPaster(place, { name: `paster${index}`, notes: [PASTED] });
      case 3:
        return createOfflineTypist(place, { name: `traveller${index}`, notes: SHARED.slice(1) });
      case 4: {
        titled.push(...own);
        const retitler = createRetitler(url, random, own);
        retitlers.push(retitler);
        return retitler;
      }
      default:
        return createTypist(place, { name: `typist${index}`, notes: SHARED.slice(0, 2) });
    }
  });
  return { people, retitlers, notes: [...texts, ...titled], texts };
}
