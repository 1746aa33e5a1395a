import { LRUCache } from 'lru-cache';
import type { EventStore, StreamName } from '../event-store/eventStore.ts';
import type { TextContentJson } from './edits/contentJson.ts';
import { type LoadedText, loadText } from './stored/loadText.ts';
import type { Materialiser } from './document/materialiser.ts';
import { EMPTY_UPDATE } from './update/mergeUpdates.ts';
import { FIRST_EPOCH } from './stored/textState.ts';

/** Which state of a text: its `revision` is undefined for one never touched. */
export type TextStamp = Pick<LoadedText, 'revision' | 'epoch'>;

/** A text as it is durably stored. */
export type StoredText = TextStamp & {
  /** As plain text; of a rich text, line by line. */
  readonly text: string;
  /** UTF-16 code units of it. */
  readonly length: number;
};

/** The same with all that is no text. */
export type StoredContent = StoredText & { readonly content: TextContentJson };

/** A text as bytes: all of it as one update. */
export type TextBytes = TextStamp & { readonly update: Uint8Array };

/** Where a text is read from. */
export type TextSource = {
  readonly stream: StreamName;
  /** The root type's name. */
  readonly field: string;
  /** Its bytes where they are at hand; else they are loaded. */
  readonly bytes?: TextBytes | undefined;
};

/** All of it rejects where the store fails or what it holds is damaged. */
export type TextReader = {
  read(source: TextSource): Promise<StoredText>;
  readContent(source: TextSource): Promise<StoredContent>;
  /** The bytes without what was deleted. */
  exportState(source: TextSource): Promise<TextBytes>;
};

/** Code units of the texts that are remembered, with something for each. */
const MAX_REMEMBERED = 4 * 1024 * 1024;
const ENTRY_OVERHEAD = 256;

const NOTHING: TextBytes = { update: EMPTY_UPDATE, revision: undefined, epoch: FIRST_EPOCH };

/** Reads texts, and remembers as many of those last read as fit into a few megabytes. */
export function createTextReader(store: EventStore, materialiser: Materialiser): TextReader {
  // By stream and newest revision. That of an open text is its last update's, that of a closed one may also be a
  // snapshot's; one revision is never both.
  const remembered = new LRUCache<string, StoredText>({
    maxSize: MAX_REMEMBERED,
    sizeCalculation: ({ length }) => length + ENTRY_OVERHEAD,
  });

  async function load(stream: StreamName): Promise<TextBytes> {
    const loaded = await loadText(store, stream);
    return loaded.outcome === 'loaded' ? loaded.text : NOTHING;
  }

  async function make(key: string, field: string, { update, ...stamp }: TextBytes): Promise<StoredText> {
    const text = await materialiser.make('text', update, field);
    const stored = { text, length: text.length, revision: stamp.revision, epoch: stamp.epoch };
    remembered.set(key, stored);
    return stored;
  }

  async function read({ stream, field, bytes }: TextSource): Promise<StoredText> {
    if (bytes) {
      const key = toKey(stream, bytes);
      return remembered.get(key) ?? make(key, field, bytes);
    }
    const newest = await store.readStream(stream, { direction: 'backwards', limit: 1 });
    if (newest.outcome !== 'read') return { text: '', length: 0, revision: undefined, epoch: FIRST_EPOCH };
    const key = toKey(stream, { revision: newest.lastRevision });
    return remembered.get(key) ?? make(key, field, await load(stream));
  }

  return {
    read,
    readContent: async (source) => {
      const { stream, field } = source;
      const bytes = source.bytes ?? (await load(stream));
      const [stored, content] = await Promise.all([
        read({ stream, field, bytes }),
        materialiser.make('content', bytes.update, field),
      ]);
      return { ...stored, content };
    },
    exportState: async ({ stream, field, bytes }) => {
      const { update: whole, revision, epoch } = bytes ?? (await load(stream));
      const { update } = await materialiser.make('snapshot', whole, field);
      return { update, revision, epoch };
    },
  };
}

function toKey(stream: StreamName, { revision }: Pick<TextStamp, 'revision'>): string {
  return `${stream}@${revision ?? ''}`;
}
