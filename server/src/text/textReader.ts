import { LRUCache } from 'lru-cache';
import type { EventStore, Revision, StreamName } from '../event-store/eventStore.ts';
import { loadText } from './loadText.ts';
import type { Materialiser } from './materialiser.ts';

/** A text as it is durably stored. */
export type StoredText = {
  readonly text: string;
  /** UTF-16 code units. */
  readonly length: number;
  /** Of the newest event that changed the text; undefined for a text never touched. */
  readonly revision: Revision | undefined;
};

/** A text as bytes: all of it as one update, and the newest event in it. */
export type TextBytes = { readonly update: Uint8Array; readonly revision: Revision | undefined };

export type TextReader = {
  /** Reads a text whose bytes are at hand. */
  readOpen(stream: StreamName, field: string, bytes: TextBytes): Promise<StoredText>;
  /** Reads a text from the store. Rejects where the store fails or what it holds is damaged. */
  readClosed(stream: StreamName, field: string): Promise<StoredText>;
};

/** Code units of the texts that are remembered, with something for each. */
const MAX_REMEMBERED = 4 * 1024 * 1024;
const ENTRY_OVERHEAD = 256;

/** Reads texts, and remembers as many of those last read as fit into a few megabytes. */
export function createTextReader(store: EventStore, materialiser: Materialiser): TextReader {
  // By stream and newest revision. That of an open text is its last update's, that of a closed one may also be a
  // snapshot's; one revision is never both.
  const remembered = new LRUCache<string, StoredText>({
    maxSize: MAX_REMEMBERED,
    sizeCalculation: ({ length }) => length + ENTRY_OVERHEAD,
  });

  async function read(key: string, field: string, { update, revision }: TextBytes): Promise<StoredText> {
    const text = await materialiser.make('text', update, field);
    const stored = { text, length: text.length, revision };
    remembered.set(key, stored);
    return stored;
  }

  return {
    readOpen: async (stream, field, bytes) => {
      const key = toKey(stream, bytes.revision);
      return remembered.get(key) ?? read(key, field, bytes);
    },
    readClosed: async (stream, field) => {
      const newest = await store.readStream(stream, { direction: 'backwards', limit: 1 });
      if (newest.outcome !== 'read') return { text: '', length: 0, revision: undefined };
      const key = toKey(stream, newest.lastRevision);
      const known = remembered.get(key);
      if (known) return known;
      const loaded = await loadText(store, stream);
      if (loaded.outcome === 'tombstoned') return { text: '', length: 0, revision: undefined };
      return read(key, field, loaded.text);
    },
  };
}

function toKey(stream: StreamName, revision: Revision | undefined): string {
  return `${stream}@${revision ?? ''}`;
}
