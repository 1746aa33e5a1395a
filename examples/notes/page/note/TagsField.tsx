import { useEffectEvent, useId, useLayoutEffect, useRef, useState } from 'react';
import { Icon } from '../shell/Icon.tsx';
import { FIELD_DESCRIPTIONS } from './fieldDescriptions.ts';
import { FieldFrame } from './FieldFrame.tsx';
import { invalidProps } from './invalidProps.ts';
import type { OpenNote } from './openNote.ts';
import { useFieldCommit } from './useFieldCommit.ts';

/** Tags as chips: Enter or a comma adds what is typed, Backspace in the empty input removes the last one. */
export function TagsField({ note }: { note: OpenNote }) {
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  const [text, setText] = useState('');
  const { error, clearError, commit } = useFieldCommit(note, 'tags');
  const { tags } = note.state.fields;

  function add() {
    const added = text
      .split(',')
      .map((tag) => tag.trim())
      .filter((tag) => tag !== '' && !tags.includes(tag));
    if (added.length === 0 || commit([...tags, ...new Set(added)], note.state)) setText('');
  }

  const addOnLeaving = useEffectEvent(add);
  useLayoutEffect(() => () => addOnLeaving(), []);

  function remove(tag: string) {
    commit(
      tags.filter((other) => other !== tag),
      note.state,
    );
    input.current?.focus();
  }

  function removeLast() {
    if (tags.length > 0) commit(tags.slice(0, -1), note.state);
  }

  return (
    <FieldFrame
      note={note}
      field="tags"
      controlId={id}
      label={FIELD_DESCRIPTIONS.tags.label}
      isDraft={text !== ''}
      error={error}
    >
      <div className="tags control" onClick={() => input.current?.focus()}>
        {tags.map((tag) => (
          <span className="tag" key={tag} data-testid="tag">
            {tag}
            <button type="button" aria-label={`Remove tag ${tag}`} onClick={() => remove(tag)}>
              <Icon name="cross" />
            </button>
          </span>
        ))}
        <input
          ref={input}
          id={id}
          type="text"
          autoComplete="off"
          enterKeyHint="done"
          placeholder={tags.length === 0 ? 'Add a tag' : ''}
          value={text}
          onChange={(event) => {
            setText(event.target.value);
            clearError();
          }}
          onBlur={add}
          onKeyDown={(event) => {
            if (event.key === 'Escape') setText('');
            if (event.key === 'Enter' || event.key === ',') {
              event.preventDefault();
              add();
            }
            if (event.key === 'Backspace' && text === '') removeLast();
          }}
          {...invalidProps(id, error)}
        />
      </div>
    </FieldFrame>
  );
}
