import type { TextCopy, TextStorage } from '../storage/clientStorage.ts';

export type TrackedTexts = TextStorage & {
  /** Resolves when everything that copies were given so far is written, or cannot be. */
  flush(): Promise<void>;
  /** Closes every copy that is open. Resolves when all are let go. */
  close(): Promise<void>;
};

/** Copies of texts that their storage can wait for: whoever closes one waits for nothing. */
export function trackTexts(texts: TextStorage): TrackedTexts {
  const open = new Set<TextCopy>();

  function release(copy: TextCopy, ending: Promise<void>): Promise<void> {
    const leave = () => void open.delete(copy);
    ending.then(leave, leave);
    return ending;
  }

  return {
    open: (target, doc) => {
      const copy = texts.open(target, doc);
      const close = copy.close;
      const erase = copy.erase;
      // The object itself, since it is the origin of what it loads.
      copy.close = () => release(copy, close());
      copy.erase = () => release(copy, erase());
      open.add(copy);
      return copy;
    },
    flush: async () => {
      await Promise.all([...open].map((copy) => copy.flush()));
    },
    close: async () => {
      await Promise.all([...open].map((copy) => copy.close()));
    },
  };
}
