import type { CommandRequest } from './commandRequest.ts';

/** A decision with what was asked. */
export type Decided<D> = {
  readonly decision: D;
  readonly request: CommandRequest;
  /** When it was decided, ISO 8601. */
  readonly at: string;
  /** Of the last event that it appends: the same for every repeat of a command with an idempotency key. */
  readonly eventId: string;
};
