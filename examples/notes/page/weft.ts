import { createClient } from '@weft/client';
import type { FieldsOf } from '@weft/client/protocol';
import { note } from '../note.ts';

/** Connects to the server that served the page. The caller closes the client. */
export function connect(name: string) {
  return createClient({ url: location.origin, aggregates: [note], token: () => encodeURIComponent(name) });
}

export type Weft = ReturnType<typeof connect>;
export type NoteFields = FieldsOf<typeof note>;
export type FieldName = keyof NoteFields;
export type NoteHandle = ReturnType<Weft['note']>;
export type NoteState = ReturnType<NoteHandle['peek']>;
export type ExistingNoteState = Extract<NoteState, { status: 'existing' }>;
export type NoteBody = ReturnType<NoteHandle['text']>;
export type ClosedBody = Extract<ReturnType<NoteBody['peek']>, { status: 'closed' }>;
export type NoteConflict = NoteState['conflicts'][number];
export type NoteConflictField = NoteConflict['fields'][number];
export type ListedNote = ReturnType<ReturnType<Weft['list']>['peek']>['items'][number];
export type SaveState = NoteState['saveState'];
export type CommandResult = Awaited<
  ReturnType<NoteHandle['change'] | NoteHandle['delete'] | NoteConflict['resolve']>
>;
export type CommandOutcome = Exclude<CommandResult, { outcome: 'queued' }>;
export type Rejected = Extract<CommandOutcome, { outcome: 'rejected' }>;

/** The final outcome: waits for the connection where the command is queued. */
export async function whenDecided(sent: Promise<CommandResult>): Promise<CommandOutcome> {
  const result = await sent;
  return result.outcome === 'queued' ? result.settled : result;
}
