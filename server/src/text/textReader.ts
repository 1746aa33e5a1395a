import { LRUCache } from 'lru-cache';
import type { EventStore, Revision, StreamName } from '../event-store/eventStore.ts';
import type { TextContentJson } from './edits/contentJson.ts';
import { type LoadedText, loadTextOrEmpty } from './stored/loadText.ts';
import type { Materialiser } from './document/materialiser.ts';
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
  /** It where it is open; else it is loaded. */
  readonly open?: OpenText | undefined;
};

/** A text that is open. */
export type OpenText = Pick<TextStamp, 'revision'> & {
  /** All of it, which may have to be merged first. */
  readonly stored: TextBytes;
};

/** All of it rejects where the store fails or what it holds is damaged. */
export type TextReader = {
  read(source: TextSource): Promise<StoredText>;
  readContent(source: TextSource): Promise<StoredContent>;
  /** The bytes without what was deleted. */
  exportState(source: TextSource): Promise<TextBytes>;
  /** What is remembered of a text that is no more. */
  forget(stream: StreamName): void;
};

type Remembered = {
  /**
   * That of an open text is its last update's, that of a closed one may also be a snapshot's; one revision is never
   * both.
   */
  readonly newest: Revision | undefined;
  readonly stored: StoredText;
};

/** What a text is made of. */
type Found = Pick<Remembered, 'newest'> & {
  readonly bytes: TextBytes;
  /** How often something had been forgotten when it began to be read. */
  readonly forgottenBefore: number;
};

/** Code units of the texts that are remembered, with something for each. */
const MAX_REMEMBERED = 4 * 1024 * 1024;
const ENTRY_OVERHEAD = 256;

/** Reads texts, and remembers as many of those last read as fit into a few megabytes. */
export function createTextReader(store: EventStore, materialiser: Pick<Materialiser, 'make'>): TextReader {
  const remembered = new LRUCache<StreamName, Remembered>({
    maxSize: MAX_REMEMBERED,
    sizeCalculation: ({ stored }) => stored.length + ENTRY_OVERHEAD,
  });
  let forgotten = 0;

  function recall(stream: StreamName, newest: Revision | undefined): StoredText | undefined {
    const found = remembered.get(stream);
    return found?.newest === newest ? found?.stored : undefined;
  }

  async function make(
    { stream, field }: TextSource,
    { newest, bytes, forgottenBefore }: Found,
  ): Promise<StoredText> {
    const { update, revision, epoch } = bytes;
    const text = await materialiser.make('text', update, field);
    const stored = { text, length: text.length, revision, epoch };
    // What was read before something was forgotten may be just that.
    if (forgotten === forgottenBefore) remembered.set(stream, { newest, stored });
    return stored;
  }

  async function read(source: TextSource): Promise<StoredText> {
    const { stream, open } = source;
    const forgottenBefore = forgotten;
    if (open) {
      const newest = open.revision;
      return recall(stream, newest) ?? make(source, { newest, bytes: open.stored, forgottenBefore });
    }
    const newest = await store.readStream(stream, { direction: 'backwards', limit: 1 });
    if (newest.outcome !== 'read') return { text: '', length: 0, revision: undefined, epoch: FIRST_EPOCH };
    const known = recall(stream, newest.lastRevision);
    if (known) return known;
    return make(source, {
      newest: newest.lastRevision,
      bytes: await loadTextOrEmpty(store, stream),
      forgottenBefore,
    });
  }

  return {
    read,
    readContent: async (source) => {
      const { stream, field } = source;
      const forgottenBefore = forgotten;
      const bytes = source.open?.stored ?? (await loadTextOrEmpty(store, stream));
      const newest = bytes.revision;
      const [stored, content] = await Promise.all([
        recall(stream, newest) ?? make(source, { newest, bytes, forgottenBefore }),
        materialiser.make('content', bytes.update, field),
      ]);
      return { ...stored, content };
    },
    exportState: async ({ stream, field, open }) => {
      const { update: whole, revision, epoch } = open?.stored ?? (await loadTextOrEmpty(store, stream));
      const { update } = await materialiser.make('snapshot', whole, field);
      return { update, revision, epoch };
    },
    forget: (stream) => {
      forgotten++;
      remembered.delete(stream);
    },
  };
}
