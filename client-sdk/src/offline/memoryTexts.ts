import * as Y from 'yjs';
import type { TextTarget } from '../connection/textTarget.ts';
import type { TextCopy } from '../storage/clientStorage.ts';

type KeptText = { readonly doc: Y.Doc; epoch: string | undefined };

export type MemoryTextOptions = {
  /** After it, nothing is kept any more. */
  readonly isOver?: () => boolean;
  /** The copy that loads into the document, where it is not this one. */
  readonly origin?: TextCopy;
  /** Of the text that the document holds, where that is known. */
  readonly epoch?: string | undefined;
};

/** Copies of texts in memory. */
export class MemoryTexts {
  readonly #texts = new Map<string, KeptText>();

  has(target: TextTarget): boolean {
    return this.#texts.has(toTextName(target));
  }

  open(target: TextTarget, doc: Y.Doc, options: MemoryTextOptions = {}): TextCopy {
    const { isOver = () => false, origin } = options;
    const name = toTextName(target);
    if (isOfAnotherText(this.#texts.get(name)?.epoch, options.epoch)) this.#texts.delete(name);
    const before = this.#texts.get(name);
    const isEmpty = !before || isEmptyDoc(before.doc);
    let epoch = options.epoch ?? before?.epoch;
    let isClosed = false;

    const change = (action: (text: KeptText) => void) => {
      const text = this.#texts.get(name) ?? { doc: new Y.Doc(), epoch };
      if (isOver() || isOfAnotherText(text.epoch, epoch)) return;
      this.#texts.set(name, text);
      action(text);
    };
    const keep = (update: Uint8Array, from?: unknown) => {
      if (from !== loader) change((text) => Y.applyUpdate(text.doc, update));
    };
    const load = async () => {
      const kept = this.#texts.get(name);
      if (kept && !isClosed) Y.applyUpdate(doc, Y.encodeStateAsUpdate(kept.doc), loader);
      return { epoch, isEmpty };
    };
    const close = async () => {
      isClosed = true;
      doc.off('update', keep);
    };
    const copy: TextCopy = {
      whenLoaded: Promise.resolve().then(load),
      keepEpoch: (newest) => {
        if (isClosed) return;
        change((text) => (text.epoch = newest));
        epoch = newest;
      },
      flush: () => Promise.resolve(),
      erase: async () => {
        change(() => this.#texts.delete(name));
        await close();
      },
      close,
    };
    const loader = origin ?? copy;
    if (!isEmptyDoc(doc)) keep(Y.encodeStateAsUpdate(doc));
    doc.on('update', keep);
    return copy;
  }
}

/** Another page may have put another text in its place: the two must never be mixed. */
export function isOfAnotherText(kept: unknown, epoch: string | undefined): boolean {
  return kept !== undefined && epoch !== undefined && kept !== epoch;
}

export function toTextName({ aggregate, id, field }: TextTarget): string {
  return [aggregate, id, field].map(encodeURIComponent).join('/');
}

/** An update that says nothing is two bytes: no structures, no deletions. */
export function isEmptyDoc(doc: Y.Doc): boolean {
  return Y.encodeStateAsUpdate(doc).length <= 2;
}
