import { mergeUpdates } from '../update/mergeUpdates.ts';

/** Updates merged at once: each is merged again once for every ten times as many that follow. */
const TIER_WIDTH = 10;

/**
 * A text as bytes: a base, and what came after it. Nothing is integrated; reading merges.
 *
 * While a snapshot of it is being made the base is pinned: what comes meanwhile stays beside it, so that the snapshot
 * can take its place.
 */
export class UpdateLog {
  #base: Uint8Array;
  /** `#tiers[n]` holds fewer than `TIER_WIDTH` updates, each merged of `TIER_WIDTH ** n`; all newer than `#tiers[n+1]`. */
  #tiers: Uint8Array[][] = [];
  #tailBytes = 0;
  #isPinned = false;
  #version = 0;

  constructor(base: Uint8Array) {
    this.#base = base;
  }

  /** About the bytes of the whole text. */
  get size(): number {
    return this.#base.byteLength + this.#tailBytes;
  }

  /** Another one whenever what `whole` gives may have changed. */
  get version(): number {
    return this.#version;
  }

  append(update: Uint8Array): void {
    this.#version += 1;
    this.#tailBytes += update.byteLength;
    let carried = update;
    for (let level = 0; ; level++) {
      const tier = (this.#tiers[level] ??= []);
      tier.push(carried);
      if (tier.length < TIER_WIDTH) return;
      carried = mergeUpdates(tier);
      this.#tiers[level] = [];
    }
  }

  /** The whole text as one update. Not to be changed. */
  whole(): Uint8Array {
    if (this.#tiers.length === 0) return this.#base;
    const whole = mergeUpdates([this.#base, ...this.#tiers.toReversed().flat()]);
    if (!this.#isPinned) this.#restart(whole);
    return whole;
  }

  /** Gives the whole text and keeps it apart from what comes, until `replaceBase` or `unpin`. */
  pin(): Uint8Array {
    const base = this.whole();
    this.#isPinned = true;
    return base;
  }

  /** Puts a snapshot in the place of what `pin` gave. */
  replaceBase(snapshot: Uint8Array): void {
    this.#version += 1;
    this.#base = snapshot;
    this.#isPinned = false;
  }

  unpin(): void {
    this.#isPinned = false;
  }

  #restart(base: Uint8Array): void {
    this.#base = base;
    this.#tiers = [];
    this.#tailBytes = 0;
  }
}
