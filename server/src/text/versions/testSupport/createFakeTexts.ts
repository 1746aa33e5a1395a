import type { User } from '@weft/client/protocol';
import type { Revision } from '../../../event-store/eventStore.ts';
import { toTextStreamName } from '../../../event-store/streamName.ts';
import type { TextContentJson } from '../../edits/contentJson.ts';
import type { EditOptions, TextEdit, TextEditResult } from '../../edits/textEdit.ts';
import type { EditedText } from '../../room/editReport.ts';
import type { TextAddress } from '../../textParticipant.ts';
import type { StoredContent } from '../../textReader.ts';
import type { TextVersionsOptions } from '../textVersions.ts';

export const ADDRESS: TextAddress = { aggregate: 'note', id: 'n-1', field: 'body' };
export const EDITED: EditedText = { stream: toTextStreamName('note', 'body', 'n-1'), field: 'body' };
export const ADA: User = { id: 'ada', name: 'Ada' };
export const BEN: User = { id: 'ben', name: 'Ben' };

export type MadeEdit = { readonly edit: TextEdit; readonly options: EditOptions };

/** One text that is what a test says. */
export type FakeTexts = TextVersionsOptions['texts'] & {
  readonly edits: readonly MadeEdit[];
  readonly text: string;
  write(text: string, content?: TextContentJson): void;
  /** The text is empty, and of another epoch. */
  beginEpoch(epoch: string): void;
  /** Called before a read answers, with what it read. */
  onRead: () => Promise<void> | void;
  /** Answers instead of the text. */
  onEdit: (made: MadeEdit) => TextEditResult | undefined;
};

export function createFakeTexts(): FakeTexts {
  let now: StoredContent = { text: '', length: 0, content: [], revision: undefined, epoch: '0' };
  const edits: MadeEdit[] = [];

  function write(text: string, content: TextContentJson = [{ insert: text }]): Revision {
    const revision = (now.revision ?? -1n) + 1n;
    now = { text, length: text.length, content, revision, epoch: now.epoch };
    return revision;
  }

  const fake: FakeTexts = {
    edits,
    get text() {
      return now.text;
    },
    write,
    beginEpoch: (epoch) => {
      write('', []);
      now = { ...now, epoch };
    },
    onRead: () => undefined,
    onEdit: () => undefined,
    read: async () => now,
    readContent: async () => {
      const read = now;
      await fake.onRead();
      return read;
    },
    edit: async (_address, edit, options) => {
      edits.push({ edit, options });
      const answered = fake.onEdit({ edit, options });
      if (answered) return answered;
      if (edit.kind !== 'content') throw new Error(`a restore is no edit of kind ${edit.kind}`);
      const content = edit.content as readonly { readonly insert: string }[];
      const revision = write(content.map(({ insert }) => insert).join(''), content);
      return { outcome: 'edited', revision, merged: false };
    },
  };
  return fake;
}
