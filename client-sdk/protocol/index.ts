/**
 * What server and client share: definitions, merges, and the messages between them.
 *
 * @module @weft/client/protocol
 */

export {
  type AggregateDefinition,
  type CommandOf,
  type CreateFieldsOf,
  type FieldsOf,
  type InputOf,
  type OutputOf,
  richText,
  text,
  type TextField,
  type TextKind,
  type TextKindOf,
  type TextOf,
} from './aggregateDefinition.ts';
export { applyEvent, type DecidedCommand, decideCommand } from './decideCommand.ts';
export { type AggregateOptions, defineAggregate } from './defineAggregate.ts';
export { isAggregateId } from './aggregateId.ts';
export { type ChannelFrame, decodeChannelFrame, encodeChannelFrame } from './channelFrame.ts';
export { CLOSE_CODES, type CloseReason, isPermanentCloseCode, toCloseReason } from './closeCodes.ts';
export type { ConflictPolicy, MergeFunction } from './conflictPolicy.ts';
export { type ConsistencyToken, consistencyTokenSchema } from './consistencyToken.ts';
export type {
  AnyEvent,
  CommandDecision,
  CommandDefinition,
  DecisionContext,
  EventDefinition,
  Refusal,
} from './domainCommand.ts';
export type { FieldConflict, FieldIssue, LostValue } from './fieldConflict.ts';
export {
  HELLO_TIMEOUT_MS,
  MAX_AGGREGATE_ID_LENGTH,
  MAX_AWARENESS_FRAME_BYTES,
  MAX_AWARENESS_STATES,
  MAX_BUFFERED_BYTES,
  MAX_CHANNELS_PER_SESSION,
  MAX_IDEMPOTENCY_KEY_LENGTH,
  MAX_JSON_BYTES,
  MAX_JSON_DEPTH,
  MAX_LISTED_AGGREGATES,
  MAX_SUBSCRIPTIONS_PER_SESSION,
  MAX_TEXT_EPOCH_LENGTH,
  MAX_TEXT_FRAME_BYTES,
  MAX_USER_NAME_LENGTH,
  PING_INTERVAL_MS,
  SILENCE_TIMEOUT_MS,
} from './limits.ts';
export { mergeCounter } from './merges/mergeCounter.ts';
export { mergeListById } from './merges/mergeListById.ts';
export { mergeObject } from './merges/mergeObject.ts';
export { mergeSet } from './merges/mergeSet.ts';
export { decodeDown } from './messages/decodeDown.ts';
export type { Decoded } from './messages/decodeMessage.ts';
export { decodeUp } from './messages/decodeUp.ts';
export type { Down, ListedAggregate } from './messages/down.ts';
export { type Command, idempotencyKeySchema, type Up } from './messages/up.ts';
export type { Applied, CommandOutcome, ConflictOutcome, FieldValues } from './outcome.ts';
export { isEqual } from './isEqual.ts';
export { isPlainObject, type PlainObject } from './plainObject.ts';
export { REJECTION_CODES, type Rejection, type RejectionCode } from './rejection.ts';
export { decodeTextFrame, encodeTextFrame, type TextFrame } from './textFrame.ts';
export { type User, userSchema } from './user.ts';
export {
  completeFields,
  validateFields,
  type ValidatedFields,
  validateValue,
  type ValidatedValue,
} from './validateFields.ts';
export { MIN_SUPPORTED_PROTOCOL_VERSION, PROTOCOL_VERSION } from './version.ts';
