import * as Y from 'yjs';
import { addRanges, type ClockRange, type ClockRanges, includesRange } from './clockRanges.ts';
import { type DecodedUpdate, endOf, type Section } from './decodeUpdate.ts';

/**
 * What is known of a text's content, without the content: how far each client came, whose client id it is, and what
 * was deleted.
 */
export class KnownContent {
  readonly #clocks = new Map<number, number>();
  readonly #deletions = new Map<number, ClockRanges>();
  readonly #owners: Map<number, string>;
  #deletedRanges = 0;

  constructor(owners: ReadonlyMap<number, string> = new Map()) {
    this.#owners = new Map(owners);
  }

  /** The id of the user whose client id it is. */
  get owners(): ReadonlyMap<number, string> {
    return this.#owners;
  }

  get clients(): number {
    return this.#clocks.size;
  }

  /** As many as an update of all deletions has: ranges, and the clients that they are of. */
  get deletedRuns(): number {
    return this.#deletedRanges + this.#deletions.size;
  }

  /** Everything of the client before this clock is known. */
  clockOf(client: number): number {
    return this.#clocks.get(client) ?? 0;
  }

  isDeleted(client: number, range: ClockRange): boolean {
    const ranges = this.#deletions.get(client);
    return ranges !== undefined && includesRange(ranges, range);
  }

  /**
   * The first client under which an update brings something new though it belongs to somebody else. One that nobody
   * wrote under yet belongs to its claimant.
   */
  findForeignClient(
    { sections }: DecodedUpdate,
    userId: string,
    claimantOf: (client: number) => string | undefined,
  ): number | undefined {
    return sections.find((section) => {
      const owner = this.#owners.get(section.client) ?? claimantOf(section.client);
      return owner !== undefined && owner !== userId && this.#hasNews(section);
    })?.client;
  }

  /** Adds what an update holds, up to the first hole of each client, without a change of owners. */
  add(update: DecodedUpdate): void {
    for (const section of update.sections) {
      this.#clocks.set(section.client, advance(this.clockOf(section.client), section));
    }
    for (const [client, added] of update.deletions) {
      const ranges = this.#deletions.get(client) ?? [];
      const before = ranges.length;
      const after = addRanges(ranges, added);
      this.#deletedRanges += (after.length - before) / 2;
      this.#deletions.set(client, after);
    }
  }

  /** Adds what an update of somebody holds. The client ids under which something of it is new are that user's. */
  addOf(userId: string, update: DecodedUpdate): void {
    for (const section of update.sections) {
      if (this.#hasNews(section)) this.#owners.set(section.client, userId);
    }
    this.add(update);
  }

  /** For sync step 1. */
  encodeStateVector(): Uint8Array {
    return Y.encodeStateVector(this.#clocks);
  }

  #hasNews({ client, structs }: Section): boolean {
    const last = structs.at(-1);
    return last !== undefined && endOf(last) > this.clockOf(client);
  }
}

function advance(known: number, { structs }: Section): number {
  let clock = known;
  for (const struct of structs) {
    if (struct instanceof Y.Skip) continue;
    if (struct.id.clock > clock) break;
    clock = Math.max(clock, endOf(struct));
  }
  return clock;
}
