import { useLayoutEffect, useMemo, useState } from 'react';
import type { AggregateDefinition, FieldsOf } from '../../protocol/aggregateDefinition.ts';
import type { AggregateHandle } from '../fields/aggregateHandle.ts';
import {
  createDraft,
  type DraftOptions,
  type DraftResult,
  type DraftState,
  NO_DRAFT,
} from './createDraft.ts';
import type { NameOf } from './fieldState.ts';
import { usePeekable } from './usePeekable.ts';

/** A field as one person edits it, and what that person can do. Its functions stay the same for as long as the handle and the name do. */
export type DraftView<Definition extends AggregateDefinition, Name extends NameOf<Definition>> = DraftState<
  Definition,
  Name
> & {
  /** Makes the value the draft. The first time it begins one. Without effect while there is no handle. */
  edit(value: FieldsOf<Definition>[Name]): void;
  /**
   * Changes the field, judged by what was on display when the draft was begun. Without effect where there is no draft, or
   * where it says what was on display anyway: then it is only reverted. It can be an event handler; `set` tells its caller
   * what became of a value.
   */
  commit(): void;
  /** Drops the draft, and a rejection: what is on display is shown again. */
  revert(): void;
  /**
   * `edit` and `commit` at once, as for a choice. Resolves as `handle.change` does; the promise rejects while there is no
   * handle.
   */
  set(value: FieldsOf<Definition>[Name]): Promise<DraftResult<Definition>>;
};

/**
 * One field in a form. `value` is the draft, else what is on display, so that a controlled input needs nothing else:
 *
 * ```tsx
 * const title = useDraft(note.handle, 'title');
 * <input value={title.value ?? ''} onChange={(e) => title.edit(e.target.value)} onBlur={title.commit} />;
 * ```
 *
 * Nobody else's change touches a draft, and it is judged by what its author saw when it was begun. When it is left, it is
 * committed. Renders anew with each edit, and when something about what is shown of this field has changed.
 */
export function useDraft<Definition extends AggregateDefinition, Name extends NameOf<Definition>>(
  handle: AggregateHandle<Definition> | undefined,
  name: Name,
  options: DraftOptions<Definition, Name> = {},
): DraftView<Definition, Name> {
  const [draft, setDraft] = useState(() => createDraft(handle, name));
  if (draft.handle !== handle || draft.name !== name) setDraft(createDraft(handle, name));
  useLayoutEffect(() => draft.configure(options));
  // Before paint, and before whoever closes the handle: a draft that is left must find it open.
  useLayoutEffect(() => draft.show(), [draft]);
  const state = usePeekable<DraftState<Definition, Name>>(draft, NO_DRAFT);
  return useMemo(() => {
    const { edit, commit, revert, set } = draft;
    return { ...state, edit, commit, revert, set };
  }, [state, draft]);
}
