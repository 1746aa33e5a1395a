import type { TextCopy, TextStorage } from '../storage/clientStorage.ts';
import { MemoryTexts } from './memoryTexts.ts';

export type TrackedTexts = TextStorage & {
  /** Resolves when everything that copies were given so far is written, or cannot be. */
  flush(): Promise<void>;
  /** Closes every copy that is open. Resolves when all are let go. */
  close(): Promise<void>;
  /**
   * From now on everything is kept in memory alone; what copies are in stays as it is. Resolves when all are let go.
   */
  leave(): Promise<void>;
};

/** Copies of texts that their storage can wait for: whoever closes one waits for nothing. */
export function trackTexts(texts: TextStorage): TrackedTexts {
  const open = new Map<TextCopy, (memory: MemoryTexts) => Promise<void>>();
  let present = texts;

  function release(copy: TextCopy, ending: Promise<void>): Promise<void> {
    // It ends as it began, whatever becomes of the others.
    open.set(copy, () => ending);
    const leave = () => void open.delete(copy);
    ending.then(leave, leave);
    return ending;
  }

  return {
    open: (target, doc) => {
      const copy = present.open(target, doc);
      const { close, erase, keepEpoch } = copy;
      let epoch: string | undefined;
      void copy.whenLoaded.then((loaded) => (epoch ??= loaded.epoch));
      // The object itself, since it is the origin of what it loads.
      copy.close = () => release(copy, close());
      copy.erase = () => release(copy, erase());
      copy.keepEpoch = (newest) => {
        epoch = newest;
        keepEpoch(newest);
      };
      open.set(copy, (memory) => {
        const {
          close: closeSpare,
          erase: eraseSpare,
          ...spare
        } = memory.open(target, doc, {
          origin: copy,
          epoch,
        });
        Object.assign(copy, { flush: spare.flush, keepEpoch: spare.keepEpoch });
        copy.close = () => release(copy, closeSpare());
        copy.erase = () => release(copy, eraseSpare());
        return close();
      });
      return copy;
    },
    flush: async () => {
      await Promise.all([...open.keys()].map((copy) => copy.flush()));
    },
    close: async () => {
      await Promise.all([...open.keys()].map((copy) => copy.close()));
    },
    leave: async () => {
      const memory = new MemoryTexts();
      present = memory;
      await Promise.all([...open.values()].map((move) => move(memory)));
    },
  };
}
