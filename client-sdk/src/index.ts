/**
 * A client of a Weft server: aggregates with conflicts as values, texts, and what is saved.
 *
 * @module @weft/client
 */

export { type Client, type ClientConnection, createClient } from './createClient.ts';
export type { ClientOptions } from './clientOptions.ts';
export type { Choice, Choose } from './conflictDefaults/resolveByFunction.ts';
export type { Resolver, Resolvers } from './conflictDefaults/resolvers.ts';
export type { ReadToken } from './connection/connection.ts';
export type { ConnectionState } from './connection/connectionState.ts';
export type { Refusal, RefusalReason } from './connection/refusal.ts';
export type { TextTarget } from './connection/textTarget.ts';
export type { WebSocketLike } from './connection/webSocketLike.ts';
export type { AggregateHandle, WriteOptions } from './fields/aggregateHandle.ts';
export type { ChangeResult, OpenConflict, SettledResult, UndoResult } from './fields/changeResult.ts';
export type { ConflictingField } from './fields/conflictingField.ts';
export type { HandleState } from './fields/handleState.ts';
export type { LateOutcome } from './lateOutcome.ts';
export { checkYjs } from './lifecycle/checkYjs.ts';
export type { ClientReport } from './lifecycle/clientReport.ts';
export { guardUnload } from './lifecycle/guardUnload.ts';
export type { Peekable } from './lifecycle/peekable.ts';
export type { Clock } from './connection/clock.ts';
export type { ListHandle, ListItem, ListState } from './list/listHandle.ts';
export type { BlockReason, SaveState } from './saveState.ts';
export type { ClientStorage, StorageCondition } from './storage/clientStorage.ts';
export type { Peer, PeerUser } from './text/peer.ts';
export type { Anchor, Selection } from './text/position.ts';
export type { RescueCopy } from './text/rescueCopy.ts';
export type { TextHandle, TextOptions, TextState } from './text/textHandle.ts';
export { toFieldsMatch } from './toFieldsMatch.ts';
