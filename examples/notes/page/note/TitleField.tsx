import { useId } from 'react';
import { FIELD_DESCRIPTIONS } from './fieldDescriptions.ts';
import { FieldFrame } from './FieldFrame.tsx';
import { invalidProps } from './invalidProps.ts';
import type { OpenNote } from './openNote.ts';
import { useFieldDraft } from './useFieldDraft.ts';

/** The title: one line of text, which wraps where it is too long to be shown in one. */
export function TitleField({ note }: { note: OpenNote }) {
  const id = useId();
  const draft = useFieldDraft(note, 'title');
  return (
    <FieldFrame
      note={note}
      field="title"
      controlId={id}
      label={FIELD_DESCRIPTIONS.title.label}
      isDraft={draft.isDraft}
      error={draft.error}
    >
      <textarea
        id={id}
        className="control title-control"
        rows={1}
        autoComplete="off"
        enterKeyHint="done"
        placeholder="Title"
        data-draft={draft.isDraft || undefined}
        value={draft.text}
        onChange={(event) => draft.edit(event.target.value.replaceAll('\n', ' '))}
        onBlur={draft.commit}
        onKeyDown={(event) => {
          if (event.key === 'Escape') draft.revert();
          if (event.key !== 'Enter') return;
          event.preventDefault();
          draft.commit();
        }}
        {...invalidProps(id, draft.error)}
      />
    </FieldFrame>
  );
}
