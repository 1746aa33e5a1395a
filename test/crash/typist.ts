import type { SeededRandom } from '../support/seededRandom.ts';
import { type Person, type Place, type Role, type Shift, toPerson } from './person.ts';
import { SavedText } from './savedText.ts';

/** Frames that may be under way before somebody waits for an answer. */
const MOST_UNDER_WAY = 3;
const MOST_WORDS = 25;

/** Stays in several texts and types into all of them; takes back a word of its own now and then. */
export function createTypist({ url, ledger, random }: Place, { name, notes }: Role): Person {
  const texts = notes.map((note) => new SavedText({ url, note, author: name, ledger }));
  const shift: Shift = { isWorking: false };
  for (const text of texts) {
    text.onChange = () => {
      while (shift.isWorking && text.isOpen && text.framesUnderWay < MOST_UNDER_WAY) typeOnce(text, random);
    };
  }
  return toPerson(texts, shift);
}

/** Types a word, or takes one back: the more of them there are, the rather. */
export function typeOnce(text: SavedText, random: SeededRandom): void {
  const own = text.ownWords();
  const isFull = random.integer(MOST_WORDS) < own.length - MOST_WORDS / 2;
  if (!isFull || !text.remove(random.oneOf(own))) text.insert('', random.integer(1000) / 1000);
}
