import { type Person, type Place, type Role, type Shift, toPerson } from './person.ts';
import { SavedText } from './savedText.ts';
import { typeOnce } from './typist.ts';

const EDITS_OFFLINE = 6;

/** Types without a connection, comes back with what it has, and goes again when that is saved, over and over. */
export function createOfflineTypist({ url, ledger, random }: Place, { name, notes }: Role): Person {
  const texts = notes.map((note) => new SavedText({ url, note, author: name, ledger }));
  const shift: Shift = { isWorking: false };

  async function goOffline(text: SavedText): Promise<void> {
    await text.disconnect();
    for (let edit = random.integer(EDITS_OFFLINE); shift.isWorking && edit >= 0; edit--)
      typeOnce(text, random);
    if (shift.isWorking) text.connect();
  }

  for (const text of texts) {
    let isLeaving = false;
    text.onChange = () => {
      if (!shift.isWorking || isLeaving || !text.isSaved) return;
      isLeaving = true;
      void goOffline(text).finally(() => (isLeaving = false));
    };
  }
  return toPerson(texts, shift);
}
