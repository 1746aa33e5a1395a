import { useAggregate, useConnection } from '@weft/client/react';
import { note } from '../../note.ts';
import { Absence } from './Absence.tsx';
import { ExistingNote } from './ExistingNote.tsx';

/** The note of an id, whatever has become of it. */
export function NotePage({ id }: { id: string }) {
  const state = useAggregate(note, id);
  const isOffline = useConnection().state === 'offline';
  switch (state.status) {
    case 'existing':
      return <ExistingNote state={state} />;
    case 'loading':
      return (
        <p className="note-loading">
          {isOffline
            ? 'This note is not on this device. It is opened when the connection is back.'
            : 'Opening the note…'}
        </p>
      );
    case 'missing':
      return (
        <Absence title="There is no such note">
          The address may be mistyped, or the note was never saved.
        </Absence>
      );
    case 'deleted':
      return <Absence title="This note was deleted">Somebody deleted it, perhaps you.</Absence>;
  }
}
