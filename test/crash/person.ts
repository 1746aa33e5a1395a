import type { SeededRandom } from '../support/seededRandom.ts';
import type { Ledger } from './ledger.ts';
import type { SavedText } from './savedText.ts';

/** Somebody who uses the server, and goes on after it was killed. */
export type Person = {
  /** Copies that are kept from one life of the server to the next. */
  readonly texts: readonly SavedText[];
  /** Opens those texts, and does nothing to them. */
  connect(): void;
  /** Begins to work; connects where that was not done. */
  start(): void;
  /**
   * Works no more. Called when the server is gone; resolves when the connections have ended and everything that had
   * arrived was taken.
   */
  stop(): Promise<void>;
};

export type Place = { readonly url: string; readonly ledger: Ledger; readonly random: SeededRandom };

export type Role = { readonly name: string; readonly notes: readonly string[] };

export function connectAll(texts: readonly SavedText[]): void {
  for (const text of texts) text.connect();
}

export async function whenAllCut(texts: readonly SavedText[]): Promise<void> {
  await Promise.all(texts.map((text) => text.whenCut()));
}

/** Whether somebody is at work: what they do to their texts asks for it. */
export type Shift = { isWorking: boolean };

/** Somebody who does something to texts whenever one of them changes. */
export function toPerson(texts: readonly SavedText[], shift: Shift): Person {
  return {
    texts,
    connect: () => connectAll(texts),
    start: () => {
      shift.isWorking = true;
      connectAll(texts);
      for (const text of texts) text.onChange();
    },
    stop: () => {
      shift.isWorking = false;
      return whenAllCut(texts);
    },
  };
}
