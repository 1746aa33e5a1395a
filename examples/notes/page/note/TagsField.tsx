import { useEffectEvent, useLayoutEffect, useRef, useState } from 'react';
import { Icon } from '../shell/Icon.tsx';
import type { NoteHandle } from '../weft.ts';
import { FieldFrame } from './FieldFrame.tsx';
import { fromText } from './fields.ts';
import { useDraft } from './useDraft.ts';

/** Tags as chips: Enter or a comma adds what is typed, Backspace in the empty input removes the last one. */
export function TagsField({ handle }: { handle: NoteHandle }) {
  const input = useRef<HTMLInputElement>(null);
  const [text, setText] = useState('');
  const draft = useDraft(handle, 'tags');
  const tags = (draft.value ?? []) as readonly string[];

  async function add() {
    const added = (fromText('tags', text) as string[]).filter((tag) => !tags.includes(tag));
    setText('');
    if (added.length === 0) return;
    const isTaken = await draft.send([...tags, ...added]);
    if (!isTaken) setText((newer) => newer || text);
  }

  const addOnLeaving = useEffectEvent(() => void add());
  useLayoutEffect(() => () => addOnLeaving(), []);

  function remove(removed: string | undefined) {
    void draft.send(tags.filter((tag) => tag !== removed));
    input.current?.focus();
  }

  return (
    <FieldFrame draft={draft} isDraft={text !== ''}>
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
            onChange={(event) => {
              setText(event.target.value);
              draft.revert();
            }}
            onBlur={() => void add()}
            onKeyDown={(event) => {
              if (event.key === 'Escape') setText('');
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
