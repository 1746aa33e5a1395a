import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { gunzipSync } from 'node:zlib';
import * as Y from 'yjs';

const FIXTURES = resolve(import.meta.dirname, '../fixtures');

/** One transaction of a trace, as the Yjs update that its author's document gave. */
export type TracedUpdate = {
  readonly index: number;
  /** 0 for the first author, 1 for the second, … */
  readonly author: number;
  /** Indexes of the updates that it was made on, without those that these were made on themselves. */
  readonly parents: readonly number[];
  /** How many updates of each author it was made on; they are that author's first ones. */
  readonly seen: readonly number[];
  readonly update: Uint8Array;
};

export type EditingTrace = {
  /** Every update stands after those that it was made on. */
  readonly updates: readonly TracedUpdate[];
  /** The text that everyone ends with who has all updates. */
  readonly endContent: string;
};

export type EditingTraceOptions = {
  /** The root type that is edited, a `Y.Text`. */
  readonly field: string;
  /**
   * The authors' client ids. Of two insertions at one place Yjs puts that of the smaller id first, so their order
   * decides what the merged text is. Default: 1 for the first author, 2 for the second, …
   */
  readonly clientIds?: readonly number[] | undefined;
};

type Patch = readonly [position: number, deleted: number, inserted: string];
type Transaction = {
  readonly parents: readonly number[];
  readonly agent: number;
  readonly patches: readonly Patch[];
};
type RawTrace = {
  readonly endContent: string;
  readonly numAgents: number;
  readonly txns: readonly Transaction[];
};

/**
 * Reads a trace of several authors, and makes each transaction's update on exactly what its author had by then.
 *
 * @param name - of the file in test/fixtures, without `.json.gz`
 */
export function readEditingTrace(name: string, { field, clientIds }: EditingTraceOptions): EditingTrace {
  const compressed = readFileSync(resolve(FIXTURES, `${name}.json.gz`));
  const raw = JSON.parse(gunzipSync(compressed).toString('utf8')) as RawTrace;
  const authors = Array.from({ length: raw.numAgents }, (_, author) =>
    createAuthor(field, clientIds?.[author] ?? author + 1),
  );
  const made: TracedUpdate[][] = authors.map(() => []);
  const updates: TracedUpdate[] = [];

  for (const [index, { parents, agent, patches }] of raw.txns.entries()) {
    const seen = authors.map((_, other) =>
      Math.max(0, ...parents.map((parent) => countOf(updates[parent]!, other))),
    );
    // Else the author's document would hold more than what the transaction was made on.
    if (seen[agent] !== made[agent]!.length)
      throw new Error(`author ${agent} forgot an update before ${index}`);
    const update = authors[agent]!.edit(patches, seen, made);
    const traced = { index, author: agent, parents, seen, update };
    made[agent]!.push(traced);
    updates.push(traced);
  }
  return { updates, endContent: raw.endContent };
}

/** How many of an author's updates somebody has who has this update. */
function countOf({ author, seen }: TracedUpdate, other: number): number {
  return seen[other]! + (author === other ? 1 : 0);
}

/** Somebody who types into a document of their own. */
type Author = {
  /** Takes in so many of each author's updates, then types; returns the update of that. */
  edit(
    patches: readonly Patch[],
    seen: readonly number[],
    made: readonly (readonly TracedUpdate[])[],
  ): Uint8Array;
};

function createAuthor(field: string, clientId: number): Author {
  const doc = new Y.Doc();
  doc.clientID = clientId;
  const text = doc.getText(field);
  let known: readonly number[] = [];

  return {
    edit: (patches, seen, made) => {
      const news = made.flatMap((list, other) => list.slice(known[other] ?? 0, seen[other]));
      for (const { update } of news.sort((a, b) => a.index - b.index)) Y.applyUpdate(doc, update);
      known = seen;

      let typed: Uint8Array | undefined;
      doc.once('update', (update: Uint8Array) => {
        typed = update;
      });
      doc.transact(() => {
        for (const [position, deleted, inserted] of patches) {
          text.delete(position, deleted);
          text.insert(position, inserted);
        }
      });
      if (typed === undefined) throw new Error('a transaction of the trace changes nothing');
      return typed;
    },
  };
}
