import type { Person, Place, Role } from './person.ts';
import { SavedText } from './savedText.ts';
import { typeOnce } from './typist.ts';

const MOST_EDITS = 4;

/**
 * Opens a text that nobody else has open, types, and leaves when that is saved, over and over, with a new copy each
 * time: so the text is loaded, left, and replaced by a snapshot.
 */
export function createPasserBy({ url, ledger, random }: Place, { name, notes }: Role): Person {
  let isWorking = false;
  let visit: SavedText | undefined;
  let leaving: Promise<void> = Promise.resolve();

  function come(): void {
    const text = new SavedText({ url, note: random.oneOf(notes), author: name, ledger });
    let left = 1 + random.integer(MOST_EDITS);
    visit = text;
    text.onChange = () => {
      if (!isWorking || visit !== text || !text.isSaved) return;
      left -= 1;
      if (left >= 0) typeOnce(text, random);
      else leaving = leave(text);
    };
    text.connect();
  }

  async function leave(text: SavedText): Promise<void> {
    visit = undefined;
    await text.destroy();
    if (isWorking) come();
  }

  return {
    texts: [],
    connect: () => undefined,
    start: () => {
      isWorking = true;
      come();
    },
    stop: async () => {
      isWorking = false;
      await leaving;
      const last = visit;
      visit = undefined;
      await last?.whenCut();
      await last?.destroy();
    },
  };
}
