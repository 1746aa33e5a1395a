import type { Client } from 'undici';
import { type Answer, exchange, type Exchange } from './exchange.ts';
import type { Writer } from './measureLoad.ts';

/** A note with what its only writer knows of it. */
export type KnownNote = { readonly id: string; token: string; writes: number };

/** Creates notes of these ids over one connection. */
export async function createNotes(client: Client, ids: readonly string[]): Promise<KnownNote[]> {
  const notes: KnownNote[] = [];
  for (const id of ids) {
    const headers = { 'Content-Type': 'application/json' };
    const request: Exchange = { method: 'PUT', path: `/api/note/${id}`, headers, body: '{"title":"t0"}' };
    notes.push({ id, token: readToken(await exchange(client, request), 201), writes: 0 });
  }
  return notes;
}

/** Gives the notes new titles, one after the other, each with the token of its last answer; all must be accepted. */
export function createTokenWriter(notes: readonly KnownNote[]): Writer {
  return createNoteWriter(notes, (note) => ({
    'Content-Type': 'application/json',
    'Consistency-Token': note.token,
  }));
}

/** The same without tokens. */
export function createTokenlessWriter(notes: readonly KnownNote[]): Writer {
  return createNoteWriter(notes, () => ({ 'Content-Type': 'application/json' }));
}

/** Sends the requests of a `createTokenWriter` to the echo, which must send each body back. */
export function createEchoWriter(notes: readonly KnownNote[]): Writer {
  let sent: string | undefined;
  return createWriter(notes, {
    toRequest: (note) => {
      sent = toNewTitle(note);
      const headers = { 'Content-Type': 'application/json', 'Consistency-Token': note.token };
      return { method: 'PATCH', path: `/echo/${note.id}`, headers, body: sent };
    },
    take: (_note, { status, body }) => {
      if (status !== 200 || body !== sent) throw new Error(`the echo answered ${status}: ${body}`);
    },
  });
}

function createNoteWriter(
  notes: readonly KnownNote[],
  toHeaders: (note: KnownNote) => Record<string, string>,
): Writer {
  return createWriter(notes, {
    toRequest: (note) => ({
      method: 'PATCH',
      path: `/api/note/${note.id}`,
      headers: toHeaders(note),
      body: toNewTitle(note),
    }),
    take: (note, answer) => {
      note.token = readToken(answer, 200);
    },
  });
}

type Steps = {
  readonly toRequest: (note: KnownNote) => Exchange;
  readonly take: (note: KnownNote, answer: Answer) => void;
};

function createWriter(notes: readonly KnownNote[], { toRequest, take }: Steps): Writer {
  let turn = -1;
  function noteOfTurn(): KnownNote {
    const note = notes[turn % notes.length];
    if (!note) throw new RangeError('a writer needs a note');
    return note;
  }
  return {
    next: () => {
      turn += 1;
      return toRequest(noteOfTurn());
    },
    take: (answer) => take(noteOfTurn(), answer),
  };
}

function toNewTitle(note: KnownNote): string {
  note.writes += 1;
  return `{"title":"t${note.writes}"}`;
}

/** Throws where a write was not accepted. */
function readToken({ status, body }: Answer, expected: 200 | 201): string {
  const { outcome, token } = JSON.parse(body) as { outcome?: string; token?: string };
  if (status !== expected || outcome !== 'accepted' || token === undefined) {
    throw new Error(`a write was not accepted but answered ${status}: ${body}`);
  }
  return token;
}
