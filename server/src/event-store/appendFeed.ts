import type { EncodedStoredEvent } from './encodedEvent.ts';
import type { OnAppended } from './eventLog.ts';
import type { StreamName } from './eventStore.ts';

export type AppendListener = (event: EncodedStoredEvent) => void;

/** Tells who listens what was appended. Streams are looked up: thousands may be followed, and an append is one's. */
export type AppendFeed = {
  readonly publish: OnAppended;
  /** Returns what ends it. Listeners must not throw. */
  readonly listenToStream: (stream: StreamName, listener: AppendListener) => () => void;
  readonly listenToAll: (listener: AppendListener) => () => void;
};

export function createAppendFeed(): AppendFeed {
  const ofAll = new Set<AppendListener>();
  const ofStreams = new Map<StreamName, Set<AppendListener>>();

  return {
    publish(events) {
      for (const event of events) {
        for (const listener of ofStreams.get(event.stream) ?? []) listener(event);
        for (const listener of ofAll) listener(event);
      }
    },

    listenToStream(stream, listener) {
      const listeners = ofStreams.get(stream) ?? new Set();
      ofStreams.set(stream, listeners.add(listener));
      return () => {
        listeners.delete(listener);
        if (listeners.size === 0 && ofStreams.get(stream) === listeners) ofStreams.delete(stream);
      };
    },

    listenToAll(listener) {
      ofAll.add(listener);
      return () => ofAll.delete(listener);
    },
  };
}
