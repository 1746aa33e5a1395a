import { type Person, type Place, type Role, type Shift, toPerson } from './person.ts';
import { SavedText } from './savedText.ts';

const LEAST = 300_000;
const MOST = 1_500_000;
/** Characters that are different ones each time; a paste repeats them. */
const CLIPBOARD = 50_000;
const LETTERS = 'abcdefghijklmnopqrstuvwxyz ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.,é–😀';

/** Pastes so much that an update and its snapshot go in parts, and takes it back when it is saved, over and over. */
export function createPaster({ url, ledger, random }: Place, { name, notes }: Role): Person {
  const texts = notes.map((note) => new SavedText({ url, note, author: name, ledger }));
  const letters = [...LETTERS];
  const clipboard = Array.from({ length: CLIPBOARD }, () => random.oneOf(letters)).join('');
  const shift: Shift = { isWorking: false };

  function paste(text: SavedText): void {
    for (const word of text.ownWords()) text.remove(word);
    // Mostly small ones, since each is read by everybody and after each crash.
    const length = LEAST + Math.floor((MOST - LEAST) * (random.integer(1000) / 1000) ** 3);
    const start = random.integer(clipboard.length);
    const body = clipboard.slice(start).padEnd(length, clipboard).slice(0, length);
    // A half of a character at either end would be another one after UTF-8.
    text.insert(body.toWellFormed().replaceAll('\ufffd', '?'), 1);
  }

  for (const text of texts) {
    text.onChange = () => {
      if (shift.isWorking && text.isSaved) paste(text);
    };
  }
  return toPerson(texts, shift);
}
