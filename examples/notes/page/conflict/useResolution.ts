import { useState } from 'react';
import { checkValues } from '../note/checkValues.ts';
import { useSession } from '../session/SessionContext.ts';
import { toProblem } from '../toProblem.ts';
import type { NoteConflict, NoteFields } from '../weft.ts';
import type { Answer } from './toAnswer.ts';

interface Options {
  conflict: NoteConflict;
  /** The note's other fields, which an edited value must fit. */
  others: NoteFields;
  onSending(): void;
  onSent(): void;
}

/** Answers a conflict. A refused answer is told, and the conflict stays. */
export function useResolution({ conflict, others, onSending, onSent }: Options) {
  const { notices } = useSession();
  const [error, setError] = useState<string>();
  const [isSending, setSending] = useState(false);

  async function send(resolution: 'mine' | 'theirs' | Partial<NoteFields>) {
    setSending(true);
    onSending();
    const result = await conflict.resolve(resolution);
    setSending(false);
    if (result.outcome === 'rejected') setError(toProblem(result));
    onSent();
    if (result.outcome !== 'queued') return;
    const settled = await result.settled;
    if (settled.outcome === 'rejected') notices.add(`Your decision was refused: ${toProblem(settled)}`);
  }

  async function answer(given: Answer) {
    if (typeof given === 'string') return send(given);
    const checked = checkValues(given, others);
    if (checked.ok) return send(checked.patch);
    setError(checked.message);
  }

  return { error, isSending, answer, clearError: () => setError(undefined) };
}
