import { addRanges, type ClockRange, type ClockRanges, includesRange } from '../update/clockRanges.ts';
import type { OperationId } from '../update/checkUpdate.ts';
import { type Container, containerOf } from './place.ts';

export type Deletions = {
  /** Of an update. */
  readonly deletions: ReadonlyMap<number, readonly ClockRange[]>;
  /** Of what was there before it. */
  readonly isDeleted: (client: number, range: ClockRange) => boolean;
};

/** Answers what will be deleted once an update is applied. */
export class DeletedContent {
  readonly #options: Deletions;
  readonly #ranges = new Map<number, ClockRanges>();
  readonly #found = new Map<Container, boolean>();

  constructor(options: Deletions) {
    this.#options = options;
  }

  /** Whether the container is deleted, or one that it is in. */
  has(container: Container): boolean {
    const asked: Container[] = [];
    let answer: boolean | undefined;
    for (let next = container; answer === undefined;) {
      answer = this.#found.get(next) ?? this.#tell(next);
      asked.push(next);
      if (next.place) next = containerOf(next.place);
    }
    for (const one of asked) this.#found.set(one, answer);
    return answer;
  }

  includes({ client, clock }: OperationId): boolean {
    return this.includesRange(client, { start: clock, end: clock + 1 });
  }

  includesRange(client: number, range: ClockRange): boolean {
    return this.#options.isDeleted(client, range) || includesRange(this.#rangesOf(client), range);
  }

  /** Undefined where it depends on what the container is in. */
  #tell({ id }: Container): boolean | undefined {
    if (!id) return false;
    return this.includes(id) ? true : undefined;
  }

  #rangesOf(client: number): ClockRanges {
    let ranges = this.#ranges.get(client);
    if (!ranges) {
      ranges = addRanges([], this.#options.deletions.get(client) ?? []);
      this.#ranges.set(client, ranges);
    }
    return ranges;
  }
}
