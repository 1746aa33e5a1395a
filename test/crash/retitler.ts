import { call } from '../support/httpClient.ts';
import type { SeededRandom } from '../support/seededRandom.ts';
import type { Person } from './person.ts';

export type Retitler = Person & {
  readonly accepted: number;
  /** What is wrong with the titles that are there, as sentences. */
  findFaults(): Promise<string[]>;
};

/** What a note's title may be: the last one that was accepted, or the one whose answer never came. */
type Title = { accepted: string; asked: string };

/** Changes the titles of notes that nobody else changes, one after the other. */
export function createRetitler(url: string, random: SeededRandom, ids: readonly string[]): Retitler {
  const titles = new Map<string, Title>(ids.map((id) => [id, { accepted: 'start', asked: 'start' }]));
  let number = 0;
  let accepted = 0;
  let isWorking = false;
  let working: Promise<void> = Promise.resolve();

  async function work(): Promise<void> {
    while (isWorking) {
      const [id, title] = random.oneOf([...titles]);
      title.asked = `title ${(number += 1)}`;
      const answer = await call(`${url}/api/note/${id}`, 'PATCH', { body: { title: title.asked } }).catch(
        () => undefined,
      );
      // The server is gone, and this answer with it.
      if (!answer) return;
      if (answer.status !== 200) throw new Error(`a title was answered ${answer.status}: ${answer.text}`);
      title.accepted = title.asked;
      accepted += 1;
    }
  }

  async function read(id: string): Promise<string> {
    const answer = await call(`${url}/api/note/${id}`, 'GET');
    return (answer.json as { fields: { title: string } }).fields.title;
  }

  return {
    texts: [],
    connect: () => undefined,
    start: () => {
      isWorking = true;
      working = work();
    },
    stop: () => {
      isWorking = false;
      return working;
    },
    get accepted() {
      return accepted;
    },
    findFaults: async () => {
      const faults: string[] = [];
      for (const [id, title] of titles) {
        const stored = await read(id);
        if (stored !== title.accepted && stored !== title.asked)
          faults.push(`${id} is called "${stored}", and "${title.accepted}" was accepted`);
        title.accepted = title.asked = stored;
      }
      return faults;
    },
  };
}
