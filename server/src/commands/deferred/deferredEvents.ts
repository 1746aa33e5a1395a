import type { CommandOutcome, User } from '@weft/client/protocol';
import type { EventStore, Json, NewEvent, StoredEvent, StreamName } from '../../event-store/eventStore.ts';
import { toSideStreamName } from '../../event-store/streamName.ts';
import { toUuid } from '../../lifecycle/toUuid.ts';
import { type AskedCommand, toAsked } from '../askedCommand.ts';
import type { CommandRequest } from '../commandRequest.ts';
import { toRequestHash } from '../idempotency.ts';

/** An accepted command as its stream has it; what the command says is kept only until it is settled. */
export type StoredDeferred = {
  readonly asked: AskedCommand;
  readonly requestHash: string;
  readonly user: User;
} & (
  | { readonly state: 'accepted'; readonly request: CommandRequest }
  | { readonly state: 'settled'; readonly outcome: CommandOutcome }
);

/** Of the streams that hold one accepted command each. No text can have this name, so no other stream is among them. */
export const DEFERRED_CATEGORY = 'weft.requests';

const ACCEPTED = 'CommandAccepted';
const SETTLED = 'CommandSettled';
const SCHEMA_VERSION = 1;

type AcceptedData = { readonly request: CommandRequest; readonly requestHash: string };
type SettledData = {
  readonly asked: AskedCommand;
  readonly requestHash: string;
  readonly outcome: CommandOutcome;
};

export function toDeferredStream(requestId: string): StreamName {
  return toSideStreamName('weft', 'requests', requestId);
}

export function toAcceptedEvent(requestId: string, request: CommandRequest, at: string): NewEvent {
  const data: AcceptedData = { request, requestHash: toRequestHash(request.command) };
  const metadata = { at, user: request.user, schemaVersion: SCHEMA_VERSION };
  return { id: requestId, type: ACCEPTED, format: 'json', data: data as Json, metadata };
}

/** The same id at every attempt, so that a command is settled once. */
export function toSettledEvent(
  requestId: string,
  { asked, requestHash, user }: StoredDeferred,
  { outcome, at }: { readonly outcome: CommandOutcome; readonly at: string },
): NewEvent {
  const data: SettledData = { asked, requestHash, outcome };
  const metadata = { at, user, schemaVersion: SCHEMA_VERSION };
  return { id: toUuid(`${requestId}\0settled`), type: SETTLED, format: 'json', data: data as Json, metadata };
}

export function fromDeferredEvent({ type, data, metadata: { user } }: StoredEvent): StoredDeferred {
  if (type === SETTLED) return { state: 'settled', user, ...(data as SettledData) };
  const { request, requestHash } = data as AcceptedData;
  return { state: 'accepted', asked: toAsked(request), requestHash, user, request };
}

/** Undefined where no such command was accepted. */
export async function readDeferred(
  store: EventStore,
  requestId: string,
): Promise<StoredDeferred | undefined> {
  const read = await store.readStream(toDeferredStream(requestId), { direction: 'backwards', limit: 1 });
  const newest = read.outcome === 'read' ? read.events[0] : undefined;
  return newest && fromDeferredEvent(newest);
}
