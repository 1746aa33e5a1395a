import { type AggregateHandle, createClient, type HandleState, type LateOutcome } from '@weft/client';
import { indexedDbStorage } from '@weft/client/offline';
import type { FieldsOf } from '@weft/client/protocol';
import type { AggregateView, DraftResult } from '@weft/client/react';
import { note } from '../note.ts';

export type NoteFields = FieldsOf<typeof note>;
export type FieldName = keyof NoteFields;
export type NoteHandle = AggregateHandle<typeof note>;
export type NoteState = HandleState<typeof note>;
export type ExistingView = Extract<AggregateView<typeof note>, { status: 'existing' }>;
export type NoteConflict = NoteState['conflicts'][number];
export type NoteConflictField = NoteConflict['fields'][number];
export type NoteBody = ReturnType<NoteHandle['text']>;

/** Connects one person to the server that served the page. Their device keeps what waits. The caller closes the client. */
export function connect(name: string, onOutcome: (late: LateOutcome) => void) {
  return createClient({
    url: location.origin,
    aggregates: [note],
    token: () => encodeURIComponent(name),
    storage: indexedDbStorage({ name: `weft-notes-${name}` }),
    onOutcome,
  });
}

type Sent = Promise<DraftResult<typeof note>> | ReturnType<NoteHandle['delete'] | NoteConflict['resolve']>;
export type Decision = Exclude<Awaited<Sent>, { outcome: 'queued' }>;

/** What the server decided, whenever there is a connection. */
export async function whenDecided(sent: Sent): Promise<Decision> {
  const result = await sent;
  return result.outcome === 'queued' ? result.settled : result;
}
