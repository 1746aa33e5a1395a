import { useMemo } from 'react';
import type { AggregateDefinition, TextKindOf, TextOf } from '../../protocol/aggregateDefinition.ts';
import type { AggregateHandle } from '../fields/aggregateHandle.ts';
import type { Peekable } from '../lifecycle/peekable.ts';
import type { TextHandle, TextState } from '../text/textHandle.ts';
import { SAVED } from './neutral.ts';
import { usePeekable } from './usePeekable.ts';
import { useProvided } from './weftContext.ts';

/** A text, to bind an editor to. Immutable. */
export type TextView<Definition extends AggregateDefinition, Field extends TextOf<Definition>> = {
  /** Undefined until it is opened, right after the first render. */
  readonly text: TextHandle<TextKindOf<Definition, Field>> | undefined;
  readonly state: TextState;
  /** Where the server closed the text: goes on with the one that it has, as a new `text`. */
  readonly reopen: () => void;
};

const NO_TEXT = {
  text: undefined,
  state: { status: 'connecting', saveState: SAVED, epoch: undefined },
  reopen: () => undefined,
} as const;

/**
 * A text of an aggregate, open while a component uses it and for some seconds after the last one, like the aggregate
 * itself; others see at once that this person left. Renders anew when its state changes, not when somebody types.
 */
export function useText<Definition extends AggregateDefinition, Field extends TextOf<Definition>>(
  handle: AggregateHandle<Definition> | undefined,
  field: Field,
): TextView<Definition, Field> {
  const { keeper } = useProvided();
  const source = useMemo(() => handle && toSource(keeper, handle, field), [keeper, handle, field]);
  return usePeekable<TextView<Definition, Field>>(source, NO_TEXT);
}

function toSource<Definition extends AggregateDefinition, Field extends TextOf<Definition>>(
  keeper: ReturnType<typeof useProvided>['keeper'],
  handle: AggregateHandle<Definition>,
  field: Field,
): Peekable<TextView<Definition, Field>> {
  const key = `${handle.aggregate}/${handle.id}/${field}`;
  // A hidden part of a page may come back after its handle was closed, and has the new one a moment later.
  const open = () => (keeper.hasClosed(handle) ? undefined : handle.text(field));
  const find = () => keeper.find(key) as ReturnType<typeof handle.text<Field>> | undefined;
  const rest = () => leavePresence(find()?.awareness);
  return {
    subscribe: (listener) => keeper.hold(key, { open, rest }, listener),
    peek: () => {
      const text = find();
      if (!text) return NO_TEXT;
      const state = text.peek();
      return keeper.view(key, state, () => ({ text, state, reopen: () => keeper.reopen(key) }));
    },
  };
}

/** The others see at once that this one left; what is returned lets them see that this one is back. */
function leavePresence(awareness: TextHandle['awareness'] | undefined): (() => void) | undefined {
  const said = awareness?.getLocalState();
  if (!awareness || !said) return undefined;
  awareness.setLocalState(null);
  return () => awareness.setLocalState({ ...said, cursor: null });
}
