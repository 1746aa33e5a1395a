import { connect, type NoteHandle, type Weft } from '../weft.ts';
import { createNoteKeeper, type NoteKeeper } from './noteKeeper.ts';
import { createNotices, type Notices } from './notices.ts';

/** One person at one client. */
export interface Session {
  readonly name: string;
  readonly weft: Weft;
  readonly list: ReturnType<Weft['list']>;
  readonly notes: NoteKeeper<NoteHandle>;
  readonly notices: Notices;
  close(): void;
}

export function createSession(name: string): Session {
  const weft = connect(name);
  return {
    name,
    weft,
    list: weft.list('note'),
    notes: createNoteKeeper((id) => weft.note(id)),
    notices: createNotices(),
    close: () => weft.close(),
  };
}
