import { useWeft } from '@weft/client/react';
import { useId, useRef, useState } from 'react';
import { note } from '../../note.ts';
import { useNotices } from '../notices.ts';
import { toFailure } from '../outcomes.ts';
import { hrefOfNote } from '../route.ts';
import { Icon } from '../shell/Icon.tsx';
import type { NoteHandle } from '../weft.ts';
import { createNoteId } from './createNoteId.ts';

/** Begins a note by its title, and opens it. A title that is refused is there to be mended. */
export function NewNoteForm() {
  const id = useId();
  const weft = useWeft();
  const notices = useNotices();
  const input = useRef<HTMLInputElement>(null);
  const [title, setTitle] = useState('');
  const [error, setError] = useState<string>();

  async function create() {
    const handle = weft.open(note, createNoteId());
    setTitle('');
    const result = await handle.create({ title: title.trim() });
    if (result.outcome === 'rejected') return giveBack(handle, toFailure(result));
    location.assign(hrefOfNote(handle.id));
    input.current?.blur();
    const failure = result.outcome === 'queued' && toFailure(await result.settled);
    if (failure) notices.add(`“${title}” was not created: ${failure}`);
  }

  function giveBack(handle: NoteHandle, failure: string | undefined) {
    handle.close();
    setTitle((newer) => newer || title);
    setError(failure);
  }

  return (
    <form
      className="new-note"
      onSubmit={(event) => {
        event.preventDefault();
        if (title.trim() === '') input.current?.focus();
        else void create();
      }}
    >
      <label className="visually-hidden" htmlFor={id}>
        New note
      </label>
      <input
        ref={input}
        id={id}
        className="control"
        type="text"
        autoComplete="off"
        enterKeyHint="go"
        placeholder="New note…"
        value={title}
        aria-invalid={error !== undefined}
        aria-describedby={`${id}-error`}
        onChange={(event) => {
          setTitle(event.target.value);
          setError(undefined);
        }}
      />
      <button type="submit" className="button primary">
        <Icon name="plus" />
        New note
      </button>
      <p className="field-error" id={`${id}-error`} role="alert">
        {error}
      </p>
    </form>
  );
}
