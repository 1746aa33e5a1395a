import * as Y from 'yjs';
import { type DecodedUpdate, dependenciesOf, endOf, type Struct } from './decodeUpdate.ts';
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
type Progress = { readonly client: number; readonly structs: readonly Struct[]; next: number; clock: number };

/** Somebody waits for the client's operation `until`. */
type Wait = { readonly progress: Progress; readonly until: number };

/** Judges an update against what is known. Pure; takes time in proportion to the update. */
export function checkUpdate(update: DecodedUpdate, known: KnownContent): UpdateVerdict {
  const all = new Map<number, Progress>();
  for (const { client, structs } of update.sections) {
    all.set(client, { client, structs, next: 0, clock: known.clockOf(client) });
  }
  const missing = findMissingStruct(all, known) ?? findMissingDeletion(update, all, known);
  if (missing) return { verdict: 'gap', missing };
  return { verdict: hasNews(update, all, known) ? 'new' : 'no-op' };
}

/**
 * Goes through the structs in an order in which a document could integrate them, as Yjs does: a client's structs in
 * order of clock, and each only after those that it refers to.
 */
function findMissingStruct(all: ReadonlyMap<number, Progress>, known: KnownContent): OperationId | undefined {
  for (const progress of all.values()) {
    const missing = integrate({ progress, until: Infinity }, all, known);
    if (missing) return missing;
  }
  return undefined;
}

function integrate(
  wait: Wait,
  all: ReadonlyMap<number, Progress>,
  known: KnownContent,
): OperationId | undefined {
  const waits = [wait];
  const waiting = new Set([wait.progress]);
  for (let top = waits.at(-1); top; top = waits.at(-1)) {
    const { progress, until } = top;
    const struct = progress.structs[progress.next];
    if (!struct || progress.clock > until) {
      if (progress.clock <= until && until !== Infinity) return { client: progress.client, clock: until };
      waits.pop();
      waiting.delete(progress);
      continue;
    }
    const missing = findUnmet(struct, all, known);
    if (!missing) {
      step(progress, struct);
      continue;
    }
    const other = all.get(missing.client);
    // Whoever waits already is held up by a struct before the one that is wanted: they wait for each other.
    if (!other || waiting.has(other)) return missing;
    waits.push({ progress: other, until: missing.clock });
    waiting.add(other);
  }
  return undefined;
}

/** What has to be integrated before the struct can be. */
function findUnmet(
  struct: Struct,
  all: ReadonlyMap<number, Progress>,
  known: KnownContent,
): OperationId | undefined {
  if (struct instanceof Y.Skip) return undefined;
  const clockOf = (client: number) => all.get(client)?.clock ?? known.clockOf(client);
  const { client, clock } = struct.id;
  if (clock > clockOf(client)) return { client, clock: clock - 1 };
  if (!(struct instanceof Y.Item)) return undefined;
  return dependenciesOf(struct).find((id) => id.clock >= clockOf(id.client));
}

function step(progress: Progress, struct: Struct): void {
  progress.next += 1;
  if (!(struct instanceof Y.Skip)) progress.clock = Math.max(progress.clock, endOf(struct));
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
  for (const { client, clock } of all.values()) {
    if (clock > known.clockOf(client)) return true;
  }
  for (const [client, ranges] of update.deletions) {
    if (ranges.some((range) => !known.isDeleted(client, range))) return true;
  }
  return false;
}
