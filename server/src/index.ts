export type { Application } from './application.ts';
export type { Authenticate, AuthenticationResult, Credentials } from './auth/authenticate.ts';
export { authenticateByName } from './auth/authenticateByName.ts';
export { createJwtAuthenticate, type JwtKeys } from './auth/createJwtAuthenticate.ts';
export { createServer, type ServerOptions, type WeftServer } from './createServer.ts';
export type { EventStore } from './event-store/eventStore.ts';
export { EventStoreError, type EventStoreErrorCode } from './event-store/eventStoreError.ts';
export { openEventStore } from './event-store/openEventStore.ts';
export type { Clock } from './lifecycle/clock.ts';
export type { Logger } from './lifecycle/logger.ts';
export type { ReadTextResult, ServerTexts, TextAbsence } from './serverTexts.ts';
export type {
  Attributes,
  ElementNode,
  MapNode,
  RichNode,
  RootNode,
  TextContentJson,
  TextNode,
  TextOp,
} from './text/edits/contentJson.ts';
export type { EditBase, EditOptions, SpanEdit, TextEdit, TextEditResult } from './text/edits/textEdit.ts';
export type { TextAddress } from './text/textParticipant.ts';
export { StartError } from './lifecycle/startError.ts';
