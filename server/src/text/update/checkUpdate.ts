import * as Y from 'yjs';
import { type DecodedUpdate, endOf, findDependency, type Struct } from './decodeUpdate.ts';
import type { KnownContent } from './knownContent.ts';

/** One operation of one client. */
export type OperationId = { readonly client: number; readonly clock: number };

/**
 * - `new`: it adds something, and everything that it depends on is known or in it.
 * - `no-op`: all of it is known.
 * - `gap`: a document without `missing` would have to put some of it aside.
 */
export type UpdateVerdict =
  { readonly verdict: 'new' | 'no-op' } | { readonly verdict: 'gap'; readonly missing: OperationId };

/** Where integrating one client's structs has come to. */
type Progress = {
  readonly client: number;
  readonly structs: readonly Struct[];
  /** The clock before which everything of the client was known. */
  readonly known: number;
  next: number;
  clock: number;
  /** What a later client waits for: the operation, which this one has to come to first. */
  until: number;
  isWaiting: boolean;
};

type Check = {
  readonly all: ReadonlyMap<number, Progress>;
  readonly known: KnownContent;
  readonly onNew: NewStructListener | undefined;
};

/** Told of each struct that brings something new, from which clock on, after those that it refers to. */
export type NewStructListener = (struct: Struct, from: number) => void;

/** Judges an update against what is known. Changes nothing; takes time in proportion to the update. */
export function checkUpdate(
  update: DecodedUpdate,
  known: KnownContent,
  onNew?: NewStructListener,
): UpdateVerdict {
  const all = new Map<number, Progress>();
  for (const { client, structs } of update.sections) {
    const clock = known.clockOf(client);
    all.set(client, { client, structs, known: clock, next: 0, clock, until: Infinity, isWaiting: false });
  }
  const missing = findMissingStruct({ all, known, onNew }) ?? findMissingDeletion(update, all, known);
  if (missing) return { verdict: 'gap', missing };
  return { verdict: hasNews(update, all, known) ? 'new' : 'no-op' };
}

/**
 * Goes through the structs in an order in which a document could integrate them, as Yjs does: a client's structs in
 * order of clock, and each only after those that it refers to.
 */
function findMissingStruct(check: Check): OperationId | undefined {
  for (const progress of check.all.values()) {
    const unmet = advance(progress, check);
    const missing = unmet && integrate(progress, check);
    if (missing) return missing;
  }
  return undefined;
}

/** Goes as far as nothing is missing. What it then gives has to come first; nothing where it came to the end. */
function advance(progress: Progress, check: Check): OperationId | undefined {
  const { structs } = progress;
  for (let struct = structs[progress.next]; struct; struct = structs[progress.next]) {
    if (progress.clock > progress.until) return undefined;
    const unmet = findUnmet(struct, check);
    if (unmet) return unmet;
    step(progress, struct, check);
  }
  return undefined;
}

/** Goes to the end of one client's structs, and as far as needed in those that they wait for. */
function integrate(first: Progress, check: Check): OperationId | undefined {
  const waits = [first];
  first.isWaiting = true;
  for (let top = waits.at(-1); top; top = waits.at(-1)) {
    const unmet = advance(top, check);
    if (!unmet) {
      if (top.clock <= top.until && top.until !== Infinity) return { client: top.client, clock: top.until };
      top.until = Infinity;
      top.isWaiting = false;
      waits.pop();
      continue;
    }
    const other = check.all.get(unmet.client);
    // Whoever waits already is held up by a struct before the one that is wanted: they wait for each other.
    if (!other || other.isWaiting) return unmet;
    other.until = unmet.clock;
    other.isWaiting = true;
    waits.push(other);
  }
  return undefined;
}

/** What has to be integrated before the struct can be. */
function findUnmet(struct: Struct, { all, known }: Check): OperationId | undefined {
  if (struct instanceof Y.Skip) return undefined;
  const clockOf = (client: number) => all.get(client)?.clock ?? known.clockOf(client);
  const { client, clock } = struct.id;
  if (clock > clockOf(client)) return { client, clock: clock - 1 };
  if (!(struct instanceof Y.Item)) return undefined;
  return findDependency(struct, (id) => id.clock >= clockOf(id.client));
}

function step(progress: Progress, struct: Struct, { onNew }: Check): void {
  progress.next += 1;
  if (struct instanceof Y.Skip || endOf(struct) <= progress.clock) return;
  progress.clock = endOf(struct);
  onNew?.(struct, progress.known);
}

function findMissingDeletion(
  update: DecodedUpdate,
  all: ReadonlyMap<number, Progress>,
  known: KnownContent,
): OperationId | undefined {
  for (const [client, ranges] of update.deletions) {
    const clock = all.get(client)?.clock ?? known.clockOf(client);
    const beyond = ranges.find(({ end }) => end > clock);
    if (beyond) return { client, clock: beyond.end - 1 };
  }
  return undefined;
}

function hasNews(update: DecodedUpdate, all: ReadonlyMap<number, Progress>, known: KnownContent): boolean {
  for (const progress of all.values()) {
    if (progress.clock > progress.known) return true;
  }
  for (const [client, ranges] of update.deletions) {
    if (ranges.some((range) => !known.isDeleted(client, range))) return true;
  }
  return false;
}
