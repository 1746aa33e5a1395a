/**
 * Hooks for React.
 *
 * @module @weft/client/react
 */

export { type AnyClient, type OpenClient, useWeft } from './weftContext.ts';
export { type AggregateView, useAggregate } from './useAggregate.ts';
export { useConflicts } from './useConflicts.ts';
export { useConnection } from './useConnection.ts';
export type { DraftOptions, DraftRejection, DraftResult, DraftState, LateRefusal } from './createDraft.ts';
export { type DraftView, useDraft } from './useDraft.ts';
export { type FieldView, useField } from './useField.ts';
export { useList } from './useList.ts';
export { usePresence } from './usePresence.ts';
export type { Peer } from '../text/peer.ts';
export { type Savable, useSaveState } from './useSaveState.ts';
export { useStorage } from './useStorage.ts';
export { type TextView, useText } from './useText.ts';
export { WeftProvider, type WeftProviderProps } from './WeftProvider.ts';
