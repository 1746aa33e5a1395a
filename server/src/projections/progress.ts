import type { Position } from '../event-store/eventStore.ts';

/** How far a projection has come, for those who wait until it has come further. */
export type Progress = {
  /** Positions only grow. */
  reach(position: Position): void;
  /** Resolves when the position is reached, or when the signal is aborted before. */
  whenAt(position: Position, options: { readonly signal: AbortSignal }): Promise<'reached' | 'aborted'>;
};

export function createProgress(): Progress {
  const waiting = new Set<{ readonly position: Position; readonly resolve: (reached: 'reached') => void }>();
  let reached: Position | undefined;

  return {
    reach(position) {
      reached = position;
      for (const waiter of waiting) {
        if (waiter.position <= position) waiter.resolve('reached');
      }
    },

    async whenAt(position, { signal }) {
      if (reached !== undefined && reached >= position) return 'reached';
      if (signal.aborted) return 'aborted';
      const { promise, resolve } = Promise.withResolvers<'reached' | 'aborted'>();
      const waiter = { position, resolve };
      const giveUp = () => resolve('aborted');
      waiting.add(waiter);
      signal.addEventListener('abort', giveUp);
      try {
        return await promise;
      } finally {
        waiting.delete(waiter);
        signal.removeEventListener('abort', giveUp);
      }
    },
  };
}
