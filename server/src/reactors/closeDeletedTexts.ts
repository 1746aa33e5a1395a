import type { Logger } from '../lifecycle/logger.ts';
import type { AggregateLists } from '../projections/aggregateLists.ts';
import type { TextRooms } from '../text/textRooms.ts';

export type CloseDeletedTextsOptions = {
  readonly lists: AggregateLists;
  readonly rooms: TextRooms;
  /** The text fields of each aggregate type. */
  readonly textNames: ReadonlyMap<string, readonly string[]>;
  readonly logger: Logger;
};

/** Closes the texts of every aggregate that is deleted, until stopped. */
export function closeDeletedTexts({ lists, rooms, textNames, logger }: CloseDeletedTextsOptions): () => void {
  const subscriptions = [...textNames].map(([aggregate, fields]) =>
    lists.watch(aggregate, (change) => {
      if (change.kind !== 'removed') return;
      for (const field of fields) {
        rooms
          .evict({ aggregate, id: change.id, field }, 'not-found', 'it was deleted')
          .catch((error: unknown) => logger.error({ err: error }, 'a deleted text could not be closed'));
      }
    }),
  );
  return () => subscriptions.forEach(({ stop }) => stop());
}
