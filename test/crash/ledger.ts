import { crc32 } from 'node:zlib';

/** A word in a text: `<author-number:body>`. Nobody types inside a word, so a text is words and nothing else. */
export type Word = {
  readonly note: string;
  /** Tells it from every other word. */
  readonly name: string;
  readonly author: string;
  readonly length: number;
  readonly checksum: number;
  /** `acknowledged`: its author was told that it is saved, or somebody else was shown it. */
  inserted: 'pending' | 'acknowledged';
  removed: 'no' | 'pending' | 'acknowledged';
};

/** One thing that a word's author did to it. */
export type Effect = { readonly word: Word; readonly kind: 'insert' | 'remove' };

const WORD = /<([^:<>]+):([^<>]*)>/g;

/** Everything that was typed into a number of texts, and what of it must be there after any crash. */
export class Ledger {
  readonly counts = { acknowledgedWords: 0, acknowledgedRemovals: 0, shownWords: 0 };
  /** By note and name. */
  readonly #words = new Map<string, Map<string, Word>>();
  /** Names of words that were seen to be gone for good. */
  readonly #gone = new Set<string>();
  #created = 0;

  create(note: string, author: string, body: string): { readonly word: Word; readonly text: string } {
    const name = `${author}-${(this.#created += 1)}`;
    const word: Word = {
      note,
      name,
      author,
      length: body.length,
      checksum: crc32(body),
      inserted: 'pending',
      removed: 'no',
    };
    this.#of(note).set(name, word);
    return { word, text: `<${name}:${body}>` };
  }

  /** An author's words that are there as far as it knows, oldest first. */
  ownWords(note: string, author: string): Word[] {
    return [...this.#of(note).values()].filter((word) => word.author === author && word.removed === 'no');
  }

  /** Nobody keeps these any more: they may be there or not. */
  giveUp(effects: readonly Effect[]): void {
    for (const { word } of effects) if (word.removed === 'no') word.removed = 'pending';
  }

  acknowledge({ word, kind }: Effect): void {
    if (kind === 'insert') {
      if (word.inserted === 'pending') this.counts.acknowledgedWords += 1;
      word.inserted = 'acknowledged';
    } else {
      if (word.removed !== 'acknowledged') this.counts.acknowledgedRemovals += 1;
      word.removed = 'acknowledged';
    }
  }

  /** A reader's copy: others' words in it have come from the server, which shows only what is durable. */
  show(note: string, reader: string, text: string): void {
    for (const [, name = ''] of text.matchAll(WORD)) {
      const word = this.#of(note).get(name);
      if (!word || word.author === reader || word.inserted === 'acknowledged') continue;
      word.inserted = 'acknowledged';
      this.counts.shownWords += 1;
    }
  }

  /** What is wrong with a text that was read, as sentences. */
  findFaults(note: string, text: string): string[] {
    const faults: string[] = [];
    const seen = new Set<string>();
    let read = 0;
    for (const [whole, name = '', body = ''] of text.matchAll(WORD)) {
      read += whole.length;
      const word = this.#of(note).get(name);
      if (!word)
        faults.push(`${note} holds ${name}, which ${this.#gone.has(name) ? 'was removed' : 'nobody typed'}`);
      else if (word.length !== body.length || word.checksum !== crc32(body))
        faults.push(`${note}: ${name} has changed`);
      if (seen.has(name)) faults.push(`${note} holds ${name} twice`);
      seen.add(name);
    }
    if (read !== text.length) faults.push(`${note} holds ${text.length - read} characters outside of words`);
    for (const word of this.#of(note).values()) {
      const { name, inserted, removed } = word;
      if (inserted === 'acknowledged' && removed === 'no' && !seen.has(name))
        faults.push(`${note} has lost ${name}`);
      if (removed !== 'acknowledged') continue;
      if (seen.has(name)) faults.push(`${note} holds ${name}, whose removal was saved`);
      this.#of(note).delete(name);
      this.#gone.add(name);
    }
    return faults;
  }

  #of(note: string): Map<string, Word> {
    const words = this.#words.get(note) ?? new Map<string, Word>();
    this.#words.set(note, words);
    return words;
  }
}
