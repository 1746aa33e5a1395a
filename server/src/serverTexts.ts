import type { AggregateReader } from './aggregates/aggregateReader.ts';
import { checkEdit } from './text/edits/checkEdit.ts';
import type { EditOptions, TextEdit, TextEditResult } from './text/edits/textEdit.ts';
import type { TextAddress } from './text/textParticipant.ts';
import type { StoredContent } from './text/textReader.ts';
import type { TextRooms } from './text/textRooms.ts';

/** There is no such text: not this aggregate, not this type, not this text of it. */
export type TextAbsence = { readonly outcome: 'not-found' | 'deleted' };

/**
 * - `text`: as plain text; of a rich text, line by line. `length` counts its UTF-16 code units.
 * - `content`: all of it as JSON.
 * - `revision`: of the newest change; undefined for a text that nobody touched. It is what an edit is made from.
 * - `epoch`: another one where the text was erased or replaced.
 */
export type ReadTextResult = ({ readonly outcome: 'read' } & StoredContent) | TextAbsence;

/** Texts, for code on the server. */
export type ServerTexts = {
  /** What is durably stored of a text. Rejects where the store fails. */
  read(address: TextAddress): Promise<ReadTextResult>;
  /**
   * Edits a text under somebody's name. What others did since its base stays, everyone who has the text open sees it,
   * and it is durable when this resolves: within ten seconds, or it is `unavailable`. Rejects where the store fails, and with
   * a `TypeError` where an argument is none that the types allow.
   */
  edit(address: TextAddress, edit: TextEdit, options: EditOptions): Promise<TextEditResult | TextAbsence>;
};

export type ServerTextsOptions = {
  readonly reader: AggregateReader;
  readonly rooms: TextRooms;
  readonly textNames: ReadonlyMap<string, readonly string[]>;
};

export function createServerTexts({ reader, rooms, textNames }: ServerTextsOptions): ServerTexts {
  async function findAbsence({ aggregate, id, field }: TextAddress): Promise<TextAbsence | undefined> {
    const { status } = await reader.read(aggregate, id);
    if (status === 'deleted') return { outcome: 'deleted' };
    const isThere = status === 'existing' && textNames.get(aggregate)?.includes(field) === true;
    return isThere ? undefined : { outcome: 'not-found' };
  }

  return {
    read: async (address) => {
      const absence = await findAbsence(address);
      return absence ?? { outcome: 'read', ...(await rooms.readContent(address)) };
    },
    edit: async (address, edit, options) => {
      checkEdit(edit, options);
      const absence = await findAbsence(address);
      if (absence) return absence;
      const result = await rooms.edit(address, edit, options);
      // It may have been deleted while the edit was on its way in.
      return (await findAbsence(address)) ?? result;
    },
  };
}
