import { useId, useRef } from 'react';
import { Icon } from '../shell/Icon.tsx';
import { useCreateNote } from './useCreateNote.ts';

/** Begins a note by its title, and opens it. */
export function NewNoteForm() {
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  const { title, error, setTitle, create } = useCreateNote();
  return (
    <form
      className="new-note"
      onSubmit={(event) => {
        event.preventDefault();
        if (title.trim() === '') input.current?.focus();
        else void create().then(() => input.current?.blur());
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
        onChange={(event) => setTitle(event.target.value)}
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
