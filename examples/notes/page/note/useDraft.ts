import { useField } from '@weft/client/react';
import { useEffectEvent, useLayoutEffect, useRef, useState } from 'react';
import { useNotices } from '../notices.ts';
import { toFailure } from '../outcomes.ts';
import { type FieldName, type NoteFields, type NoteHandle, type NoteState, whenDecided } from '../weft.ts';
import { FIELDS, fromText, toText } from './fields.ts';

type Draft = { readonly text: string; readonly seen: NoteState };
export type FieldDraft = ReturnType<typeof useDraft>;

/**
 * A field and the text of a control over it. From the first key on that is the person's draft, which nobody else's change
 * touches and which is judged by what was on display at that key. What goes wrong is told at the control, or by a notice
 * once that is gone.
 */
export function useDraft(handle: NoteHandle, field: FieldName) {
  const notices = useNotices();
  const { value, set, isPending } = useField(handle, field);
  const [draft, setDraft] = useState<Draft>();
  const [error, setError] = useState<string>();
  const isGone = useRef(false);

  /** Resolves to whether the value was not refused. */
  async function send(next: unknown, seen = handle.peek(), given?: Draft): Promise<boolean> {
    revert();
    const decision = await whenDecided(set(next as NoteFields[FieldName], { seen }));
    const failure = toFailure(decision, field);
    if (isGone.current && failure) notices.add(`${FIELDS[field].label}: not changed, ${failure}`, handle.id);
    if (decision.outcome !== 'rejected') return true;
    setError(failure);
    setDraft((newer) => newer ?? given);
    return false;
  }

  function commit(given = draft) {
    if (!given) return;
    const { seen } = given;
    const next = fromText(field, given.text);
    const before = seen.status === 'existing' ? seen.fields[field] : undefined;
    if (toText(next) === toText(before)) revert();
    else void send(next, seen, given);
  }

  function revert() {
    setDraft(undefined);
    setError(undefined);
  }

  const leave = useEffectEvent(() => {
    isGone.current = true;
    commit();
  });
  useLayoutEffect(() => {
    isGone.current = false;
    return () => leave();
  }, []);

  const toDraft = (text: string): Draft => ({ text, seen: draft?.seen ?? handle.peek() });
  return {
    handle,
    field,
    value,
    isPending,
    error,
    isDraft: draft !== undefined,
    text: draft?.text ?? toText(value),
    send,
    edit: (text: string) => setDraft(toDraft(text)),
    commit: () => commit(),
    enter: (text: string) => commit(toDraft(text)),
    revert,
  };
}
