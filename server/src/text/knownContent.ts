import * as Y from 'yjs';
import { addRanges, type ClockRange, type ClockRanges, includesRange } from './clockRanges.ts';
import { type DecodedUpdate, endOf, type Section } from './decodeUpdate.ts';

/** What is known of a text's content, without the content: how far each client came, and what was deleted. */
export class KnownContent {
  readonly #clocks = new Map<number, number>();
  readonly #deletions = new Map<number, ClockRanges>();

  /** Everything of the client before this clock is known. */
  clockOf(client: number): number {
    return this.#clocks.get(client) ?? 0;
  }

  isDeleted(client: number, range: ClockRange): boolean {
    const ranges = this.#deletions.get(client);
    return ranges !== undefined && includesRange(ranges, range);
  }

  /** Adds what an update holds, up to the first hole of each client. */
  add(update: DecodedUpdate): void {
    for (const section of update.sections) {
      this.#clocks.set(section.client, advance(this.clockOf(section.client), section));
    }
    for (const [client, added] of update.deletions) {
      const ranges = this.#deletions.get(client) ?? [];
      addRanges(ranges, added);
      this.#deletions.set(client, ranges);
    }
  }

  /** For sync step 1. */
  encodeStateVector(): Uint8Array {
    return Y.encodeStateVector(this.#clocks);
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
