import type { StreamName } from '../../../../server/src/event-store/eventStore.ts';

/** A line that `appendUntilKilled` writes. */
export type WriterReport =
  | {
      readonly type: 'appended';
      readonly stream: StreamName;
      readonly lastRevision: number;
      readonly position: number;
      readonly ids: readonly string[];
    }
  | { readonly type: 'truncating' | 'truncated'; readonly stream: StreamName; readonly before: number };
