import { useEffect, useEffectEvent } from 'react';
import { useNotices } from '../notices.ts';
import { toFailure } from '../outcomes.ts';
import { Icon } from '../shell/Icon.tsx';
import type { ExistingView } from '../weft.ts';

/** Takes back what this person did last, in a field or in the text; a field that others changed since is a conflict. */
export function UndoButtons({ state: { handle, canUndo, canRedo } }: { state: ExistingView }) {
  const notices = useNotices();

  async function act(name: 'undo' | 'redo') {
    const result = await handle[name]();
    if (result.outcome === 'rejected') notices.add(`It could not be taken back: ${toFailure(result)}`);
  }

  const onKey = useEffectEvent((event: KeyboardEvent) => {
    const name = toAction(event);
    if (!name || isTyping(event.target)) return;
    event.preventDefault();
    void act(name);
  });
  useEffect(() => {
    const listener = (event: KeyboardEvent) => onKey(event);
    addEventListener('keydown', listener);
    return () => removeEventListener('keydown', listener);
  }, []);

  return (
    <span className="undo" role="group" aria-label="Undo">
      <Action name="undo" label="Undo" isPossible={canUndo} onClick={() => void act('undo')} />
      <Action name="redo" label="Redo" isPossible={canRedo} onClick={() => void act('redo')} />
    </span>
  );
}

interface ActionProps {
  name: 'undo' | 'redo';
  label: string;
  isPossible: boolean;
  onClick(): void;
}

/** Stays in the tab order where it has nothing to do, so that the focus is not lost by its last use. */
function Action({ name, label, isPossible, onClick }: ActionProps) {
  return (
    <button
      type="button"
      className="button quiet"
      aria-label={label}
      aria-disabled={!isPossible}
      title={label}
      onClick={onClick}
    >
      <Icon name={name} />
    </button>
  );
}

function toAction({ key, ctrlKey, metaKey, shiftKey }: KeyboardEvent): 'undo' | 'redo' | undefined {
  if (!ctrlKey && !metaKey) return undefined;
  if (key.toLowerCase() === 'z') return shiftKey ? 'redo' : 'undo';
  return key.toLowerCase() === 'y' ? 'redo' : undefined;
}

/** Editors and inputs have an undo of their own. */
function isTyping(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest('input, textarea, dialog, [contenteditable]') !== null;
}
