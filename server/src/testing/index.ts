export type { Authenticate, AuthenticationResult, Credentials } from '../auth/authenticate.ts';
export type { Clock } from '../lifecycle/clock.ts';
export type { Logger } from '../lifecycle/logger.ts';
export type { ReadTextResult, ServerTexts, TextAbsence } from '../serverTexts.ts';
export {
  createInProcessServer,
  type InProcessServer,
  type InProcessServerOptions,
} from './createInProcessServer.ts';
export type { ClientEnd, ServerEnd, SocketFrame } from './inProcessSocket.ts';
