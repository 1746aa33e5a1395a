import type { TextKind, User } from '@weft/client/protocol';
import type { EventStore, NewEvent, Revision, StreamName } from '../../event-store/eventStore.ts';
import { EventStoreError } from '../../event-store/eventStoreError.ts';
import type { Clock } from '../../lifecycle/clock.ts';
import type { Logger } from '../../lifecycle/logger.ts';
import { appendUntilStored } from './appendUntilStored.ts';
import { clientsOf } from '../update/clientsOf.ts';
import { createUpdateDecoder } from '../update/decodeUpdate.ts';
import { judgeContent } from '../judging/judgeContent.ts';
import { MAX_STATE_RUNS } from '../judging/updateLimits.ts';
import { EMPTY_TEXT, type LoadedText, loadText } from './loadText.ts';
import type { Materialiser } from '../document/materialiser.ts';
import { OverloadedError } from '../document/overloadedError.ts';
import { EMPTY_UPDATE } from '../update/mergeUpdates.ts';
import { TextContent } from '../room/textContent.ts';
import { toTextEpochBegun } from './textEvents.ts';

export type EpochServices = {
  readonly store: EventStore;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Makes event ids: UUIDs. */
  readonly createId: () => string;
};

/** What an epoch begins with: a text under client ids that no earlier copy of it has. */
export type FreshContent = { readonly update: Uint8Array; readonly clients: readonly number[] };

export type FreshContentResult =
  | { readonly outcome: 'fresh'; readonly content: FreshContent }
  /** `detail` says what is wrong with the state, for people. */
  | { readonly outcome: 'malformed'; readonly detail: string };

export type BegunEpoch =
  | { readonly outcome: 'begun'; readonly epoch: string; readonly revision: Revision }
  /** The text is not what was expected. `revision` is that of the text as it is stored. */
  | { readonly outcome: 'changed'; readonly revision: Revision | undefined }
  | { readonly outcome: 'tombstoned' };

/** What a text is to be at; undefined for one never touched. */
export type ExpectedText = { readonly revision: Revision | undefined };

export type NewEpochContent = {
  /** Who begins it, and whose the content is. */
  readonly user: User;
  readonly content: FreshContent;
  /** Client ids of the old content that may not have been stored any more. */
  readonly clients: Iterable<number>;
  /** Default: whatever there is. */
  readonly expected?: ExpectedText | undefined;
};

/** Milliseconds for which a store that fails is asked again. */
const STORE_TIMEOUT_MS = 10_000;

const SOMEBODY = 'somebody';

export const EMPTY_CONTENT: FreshContent = { update: EMPTY_UPDATE, clients: [] };

/**
 * Writes an exported state anew. Were its own client ids to come back, copies from before could be merged with it
 * again, and what was erased would come back with them.
 */
export async function toFreshContent(
  materialiser: Materialiser,
  state: Uint8Array,
  shape: { readonly kind: TextKind; readonly field: string },
): Promise<FreshContentResult> {
  const judged = judgeContent(state, { ...shape, maxRuns: MAX_STATE_RUNS });
  if (judged.outcome !== 'sound') return { outcome: 'malformed', detail: judged.detail };
  let update: Uint8Array;
  try {
    update = await materialiser.make('rebuilt', state, shape.field);
  } catch (error) {
    if (error instanceof OverloadedError) throw error;
    return { outcome: 'malformed', detail: `the state cannot be taken: ${String(error)}` };
  }
  // As if somebody had typed it: then nothing is in it that an editor could not show.
  const empty = new TextContent({ decode: createUpdateDecoder(), text: EMPTY_TEXT, ...shape });
  const taken = empty.take(update, SOMEBODY);
  if (taken.outcome === 'malformed' || taken.outcome === 'too-big') {
    return { outcome: 'malformed', detail: `the state cannot be taken: ${taken.detail}` };
  }
  return { outcome: 'fresh', content: { update, clients: [...clientsOf(update)] } };
}

/**
 * Stores the beginning of an epoch and forgets everything before it. Nobody may have the text open. Rejects where the
 * store fails: then there may be the new epoch, or still the old one.
 */
export async function storeEpoch(
  services: EpochServices,
  stream: StreamName,
  { user, content, clients, expected }: NewEpochContent,
): Promise<BegunEpoch> {
  const { store, clock, createId } = services;
  const loaded = await loadText(store, stream);
  if (loaded.outcome === 'tombstoned') return loaded;
  const { revision } = loaded.text;
  if (expected && revision !== expected.revision) return { outcome: 'changed', revision };
  const retired = retire(loaded.text, clients);
  if (content.clients.some((client) => retired.has(client))) {
    throw new Error('a client id that was drawn at random is taken; try again');
  }
  const epoch = createId();
  const owners = new Map(content.clients.map((client) => [client, user.id]));
  const state = { epoch, owners, retired, update: content.update };
  const at = new Date(clock.now()).toISOString();
  const stored = await appendAll(services, stream, toTextEpochBegun({ state, user, at, createId }));
  if (!stored) return { outcome: 'tombstoned' };
  await store.truncateBefore(stream, stored.firstRevision);
  return { outcome: 'begun', epoch, revision: stored.revision };
}

/** Every client id of a text's content has an owner. */
function retire({ owners, retired }: LoadedText, clients: Iterable<number>): ReadonlySet<number> {
  return new Set([...retired, ...owners.keys(), ...clients]);
}

type StoredParts = { readonly firstRevision: Revision; readonly revision: Revision };

/** Undefined where the stream is gone for good. */
async function appendAll(
  services: EpochServices,
  stream: StreamName,
  events: readonly NewEvent[],
): Promise<StoredParts | undefined> {
  let stored: StoredParts | undefined;
  for (const event of events) {
    const revision = await appendInTime(services, stream, event);
    if (revision === undefined) return undefined;
    stored = { firstRevision: stored?.firstRevision ?? revision, revision };
  }
  return stored;
}

async function appendInTime(
  { store, clock, logger }: EpochServices,
  stream: StreamName,
  event: NewEvent,
): Promise<Revision | undefined> {
  const append = appendUntilStored({ store, stream, events: [event], clock, logger });
  const cancel = clock.after(STORE_TIMEOUT_MS, append.stop);
  const result = await append.result;
  cancel();
  if (result?.outcome === 'appended') return result.lastRevision;
  if (result?.outcome === 'tombstoned') return undefined;
  throw new EventStoreError('unavailable', `a new epoch of ${stream} could not be stored`);
}
