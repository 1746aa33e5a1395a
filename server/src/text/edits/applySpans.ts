import type * as Y from 'yjs';
import { applyDelta } from './applyDelta.ts';
import type { Attributes } from './contentJson.ts';
import { findSplices } from './findSplices.ts';
import { isHalvedAt, type Sequence } from './sequence.ts';
import { readPieces } from './readContent.ts';
import { MAX_SPAN_EDITS, type SpanEdit } from './textEdit.ts';
import { type DeltaStep, findOp, lengthOf } from './toSequence.ts';

/** A span whose place is known to be one: within the text, and after the span before it. */
export type Span = { readonly at: number; readonly deleted: number; readonly insert: string };

export type JudgedSpans =
  { readonly ok: true; readonly spans: readonly Span[] } | { readonly ok: false; readonly detail: string };

/** Puts edits in order, or says why they are none of this text. */
export function judgeSpans(edits: readonly SpanEdit[], text: string): JudgedSpans {
  if (edits.length > MAX_SPAN_EDITS) return refuse(`there are more than ${MAX_SPAN_EDITS} edits`);
  const spans: Span[] = [];
  for (const [index, edit] of edits.entries()) {
    const { at, delete: deleted = 0, insert = '' } = edit;
    const fault = findFault({ at, deleted, insert }, text);
    if (fault !== undefined) return refuse(`edits[${index}]: ${fault}`);
    spans.push({ at, deleted, insert });
  }
  // What is inserted where another edit deletes comes before what is deleted.
  spans.sort((one, other) => one.at - other.at || Math.sign(one.deleted) - Math.sign(other.deleted));
  const overlapping = spans.find(({ at }, index) => {
    const before = spans[index - 1];
    return before !== undefined && at < before.at + before.deleted;
  });
  return overlapping ? refuse(`two edits overlap at ${overlapping.at}`) : { ok: true, spans };
}

function refuse(detail: string): JudgedSpans {
  return { ok: false, detail };
}

function findFault({ at, deleted, insert }: Span, text: string): string | undefined {
  if (!isCount(at) || !isCount(deleted)) return 'at and delete are whole numbers, not below 0';
  if (at + deleted > text.length) return `it reaches beyond the text, which has ${text.length} code units`;
  if (isHalvedAt(text, at) || isHalvedAt(text, at + deleted)) return 'it halves a character';
  return insert.isWellFormed() ? undefined : 'what it inserts has half a character';
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}

/** The smallest spans that make one text another. */
export function toSpans(base: string, target: string): Span[] {
  return findSplices(toPlainSequence(base), toPlainSequence(target)).map(
    ({ at, deleted, from, inserted }) => ({
      at,
      deleted,
      insert: target.slice(from, from + inserted),
    }),
  );
}

const NOTHING: Sequence['things'] = new Map();

function toPlainSequence(text: string): Sequence {
  return { text, things: NOTHING };
}

/** A stretch of text: where it begins in the text that is read, and where as Yjs counts. */
type Stretch = {
  readonly start: number;
  readonly index: number;
  readonly length: number;
  readonly attributes: Attributes | undefined;
};

/**
 * Applies spans to a text, as if somebody typed: what is inserted is formatted as what it replaces, or as what stands
 * before it. What is embedded stays, since it is not in the text that the spans are of.
 */
export function applySpans(text: Y.Text, spans: readonly Span[]): void {
  const changes = new SpanChanges(toStretches(text));
  for (const span of spans) changes.add(span);
  applyDelta(text, changes.steps);
}

/** Collects what to do to a text, from its beginning to its end. */
class SpanChanges {
  readonly steps: DeltaStep[] = [];
  readonly #stretches: readonly Stretch[];
  readonly #starts: readonly number[];
  /** Where it has come to, as Yjs counts. */
  #index = 0;

  constructor(stretches: readonly Stretch[]) {
    this.#stretches = stretches;
    this.#starts = stretches.map(({ start }) => start);
  }

  add({ at, deleted, insert }: Span): void {
    // The first character that it replaces, or the one before it.
    const beside = this.#stretchAt(deleted > 0 ? at : Math.max(0, at - 1));
    if (beside) this.#moveTo(beside.index + at - beside.start);
    const attributes = at === 0 && deleted === 0 ? undefined : beside?.attributes;
    if (insert !== '') this.steps.push({ insert, attributes: attributes ?? {} });
    this.#delete(at, deleted);
  }

  #delete(at: number, deleted: number): void {
    for (let done = 0; done < deleted;) {
      const stretch = this.#stretchAt(at + done);
      if (!stretch) return;
      const offset = at + done - stretch.start;
      const count = Math.min(deleted - done, stretch.length - offset);
      this.#moveTo(stretch.index + offset);
      this.steps.push({ delete: count });
      this.#index += count;
      done += count;
    }
  }

  #stretchAt(place: number): Stretch | undefined {
    return this.#stretches[findOp(this.#starts, place)];
  }

  /** Passes over what stays. */
  #moveTo(index: number): void {
    if (index <= this.#index) return;
    this.steps.push({ retain: index - this.#index });
    this.#index = index;
  }
}

function toStretches(text: Y.Text): Stretch[] {
  const stretches: Stretch[] = [];
  let [start, index] = [0, 0];
  for (const { op } of readPieces(text)) {
    const { insert, attributes } = op;
    if (typeof insert === 'string') {
      stretches.push({ start, index, length: insert.length, attributes });
      start += insert.length;
    }
    index += lengthOf(op);
  }
  return stretches;
}
