import { type EncodedStoredEvent, toEventSize } from './encodedEvent.ts';

/** Most events that wait for one slow subscriber in memory. */
export const MAX_BUFFERED_EVENTS = 256;

/** From this size on a further event is one too many; a single one may be larger. */
export const MAX_BUFFERED_BYTES = 1024 * 1024;

/**
 * What was appended while a subscriber was busy. It never grows beyond its bounds: then it forgets what it has and
 * says so, for everything in it can be read from the store again.
 */
export type LiveBuffer = {
  readonly push: (event: EncodedStoredEvent) => void;
  readonly take: () => EncodedStoredEvent | undefined;
  /** Whether events were forgotten since `reset`. */
  readonly hasOverflowed: () => boolean;
  readonly reset: () => void;
  /** Resolves when something was pushed or `wake` was called. For one waiter. */
  readonly waitForChange: () => Promise<void>;
  readonly wake: () => void;
};

export function createLiveBuffer(): LiveBuffer {
  let events: EncodedStoredEvent[] = [];
  let bytes = 0;
  let overflowed = false;
  let onChange: (() => void) | undefined;

  function clear(): void {
    events = [];
    bytes = 0;
  }

  function wake(): void {
    onChange?.();
    onChange = undefined;
  }

  return {
    push(event) {
      if (overflowed) return;
      if (events.length >= MAX_BUFFERED_EVENTS || bytes >= MAX_BUFFERED_BYTES) {
        clear();
        overflowed = true;
      } else {
        events.push(event);
        bytes += toEventSize(event);
      }
      wake();
    },

    take() {
      const event = events.shift();
      if (event) bytes -= toEventSize(event);
      return event;
    },

    hasOverflowed: () => overflowed,

    reset() {
      clear();
      overflowed = false;
    },

    waitForChange: () =>
      new Promise((resolve) => {
        onChange = resolve;
      }),

    wake,
  };
}
