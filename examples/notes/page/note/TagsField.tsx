import { useField } from '@weft/client/react';
import { useRef, useState } from 'react';
import { Icon } from '../shell/Icon.tsx';
import { type NoteHandle, whenDecided } from '../weft.ts';
import { FieldFrame } from './FieldFrame.tsx';
import { fromText } from './fields.ts';
import { useNoteDraft } from './useNoteDraft.ts';

/** Tags as chips: Enter or a comma adds what is typed, Backspace in the empty input removes the last one. */
export function TagsField({ handle }: { handle: NoteHandle }) {
  const input = useRef<HTMLInputElement>(null);
  const [text, setText] = useState('');
  const { value: tags = [] } = useField(handle, 'tags');
  // With what is typed; the chips are what is there without it.
  const draft = useNoteDraft(handle, 'tags');

  function type(typed: string) {
    setText(typed);
    draft.edit([...new Set([...tags, ...(fromText('tags', typed) as string[])])]);
  }

  async function add() {
    setText('');
    const decision = await whenDecided(draft.set(draft.value ?? []));
    if (decision.outcome === 'rejected') setText((newer) => newer || text);
  }

  function remove(removed: string | undefined) {
    void draft.set(tags.filter((tag) => tag !== removed));
    input.current?.focus();
  }

  return (
    <FieldFrame field="tags" draft={draft}>
      {(control) => (
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
            {...control}
            ref={input}
            type="text"
            autoComplete="off"
            enterKeyHint="done"
            placeholder={tags.length === 0 ? 'Add a tag' : ''}
            value={text}
            onChange={(event) => type(event.target.value)}
            onBlur={() => void add()}
            onKeyDown={(event) => {
              if (event.key === 'Escape') {
                setText('');
                draft.revert();
              }
              if (event.key === 'Enter' || event.key === ',') {
                event.preventDefault();
                void add();
              }
              if (event.key === 'Backspace' && text === '' && tags.length > 0) remove(tags.at(-1));
            }}
          />
        </div>
      )}
    </FieldFrame>
  );
}
