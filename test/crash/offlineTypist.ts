import { connectAll, whenAllCut, type Person, type Place, type Role } from './person.ts';
import { SavedText } from './savedText.ts';
import { typeOnce } from './typist.ts';

const EDITS_OFFLINE = 6;

/** Types without a connection, comes back with what it has, and goes again when that is saved, over and over. */
export function createOfflineTypist({ url, ledger, random }: Place, { name, notes }: Role): Person {
  const texts = notes.map((note) => new SavedText({ url, note, author: name, ledger }));
  let isWorking = false;

  async function goOffline(text: SavedText): Promise<void> {
    await text.disconnect();
    for (let edit = random.integer(EDITS_OFFLINE); isWorking && edit >= 0; edit--) typeOnce(text, random);
    if (isWorking) text.connect();
  }

  for (const text of texts) {
    let isLeaving = false;
    text.onChange = () => {
      if (!isWorking || isLeaving || !text.isSaved) return;
      isLeaving = true;
      void goOffline(text).finally(() => (isLeaving = false));
    };
  }
  return {
    texts,
    connect: () => connectAll(texts),
    start: () => {
      isWorking = true;
      connectAll(texts);
      for (const text of texts) text.onChange();
    },
    stop: () => {
      isWorking = false;
      return whenAllCut(texts);
    },
  };
}
