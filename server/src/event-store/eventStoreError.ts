/**
 * Why a store failed:
 * - `in-use`: another process has the file.
 * - `corrupt`: what is stored cannot be read; nothing was overwritten.
 * - `not-a-store`: the file belongs to something else; nothing was overwritten.
 * - `unwritable`: the folder or file cannot be created or written.
 * - `unavailable`: a passing fault; the outcome of an append is unknown.
 * - `closed`: used after `close()`.
 */
export type EventStoreErrorCode =
  'in-use' | 'corrupt' | 'not-a-store' | 'unwritable' | 'unavailable' | 'closed';

/** The store itself failed. The message is one line that says what to do, without a stack's help. */
export class EventStoreError extends Error {
  readonly code: EventStoreErrorCode;

  constructor(code: EventStoreErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'EventStoreError';
    this.code = code;
  }
}

/** Whether trying again may help: damage, and mistakes that are not the store's, stay. */
export function isPassingFault(error: unknown): boolean {
  return error instanceof EventStoreError && error.code !== 'corrupt';
}
