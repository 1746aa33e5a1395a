import type { AggregateDefinition, FieldsOf } from '../../protocol/aggregateDefinition.ts';
import { isEqual } from '../../protocol/isEqual.ts';
import type { AggregateHandle } from '../fields/aggregateHandle.ts';
import type { ChangeResult, OpenConflict, SettledResult } from '../fields/changeResult.ts';
import type { HandleState } from '../fields/handleState.ts';
import type { Peekable } from '../lifecycle/peekable.ts';
import { type FieldState, isSameField, type NameOf, NO_FIELD, readField, toPatch } from './fieldState.ts';

/** Why a value was refused. */
export type DraftRejection = Extract<SettledResult<AggregateDefinition>, { outcome: 'rejected' }>;

/** What became of a value: `nothing` where it is what its author had seen already, so that nothing was asked. */
export type DraftResult<Definition extends AggregateDefinition> =
  { readonly outcome: 'nothing' } | ChangeResult<Definition>;

/** Why a value was not applied that its author can no longer be shown it at. */
export type LateRefusal<Definition extends AggregateDefinition> =
  DraftRejection | { readonly outcome: 'conflict'; readonly conflict: OpenConflict<Definition> };

/** What becomes of a draft when nobody is there to see to it. */
export type DraftOptions<Definition extends AggregateDefinition, Name extends NameOf<Definition>> = {
  /**
   * What becomes of a draft that is left, because the component is unmounted or hidden, or goes over to another field or
   * aggregate. Default: `commit`.
   */
  readonly onLeave?: 'commit' | 'drop' | undefined;
  /**
   * Told of a committed value that was not applied, when the component is gone that would have shown it. Default: a
   * rejection is given to the page's `reportError`, as an uncaught error is; a conflict waits in the aggregate's `conflicts`
   * anyway.
   */
  readonly onRefused?:
    ((refusal: LateRefusal<Definition>, value: FieldsOf<Definition>[Name]) => void) | undefined;
};

/** A field as one person edits it, at one moment. Immutable. */
export type DraftState<Definition extends AggregateDefinition, Name extends NameOf<Definition>> = FieldState<
  Definition,
  Name
> & {
  /** The value is a draft that says something else than was on display when it was begun. */
  readonly isDraft: boolean;
  /**
   * Why the value that was committed last was refused, until another one is committed or the draft is reverted. The
   * refused value is a draft again, unless a newer one was begun.
   */
  readonly rejection: DraftRejection | undefined;
};

type Draft<Definition extends AggregateDefinition, Name extends NameOf<Definition>> = {
  readonly value: FieldsOf<Definition>[Name];
  readonly seen: HandleState<Definition>;
};

type Own<Definition extends AggregateDefinition, Name extends NameOf<Definition>> = {
  readonly draft: Draft<Definition, Name> | undefined;
  readonly rejection: DraftRejection | undefined;
};

const NOTHING_OWN = { draft: undefined, rejection: undefined };

export const NO_DRAFT = { ...NO_FIELD, isDraft: false, rejection: undefined };

/** What one person makes of a field before the others see it. Without a handle there is nothing to make. */
export function createDraft<Definition extends AggregateDefinition, Name extends NameOf<Definition>>(
  handle: AggregateHandle<Definition> | undefined,
  name: Name,
) {
  type Value = FieldsOf<Definition>[Name];
  const field: Peekable<FieldState<Definition, Name>> | undefined = handle && readField(handle, name);
  const listeners = new Set<() => void>();
  let own: Own<Definition, Name> = NOTHING_OWN;
  let lastSent: Draft<Definition, Name> | undefined;
  let lastState: DraftState<Definition, Name> | undefined;
  let options: DraftOptions<Definition, Name> = {};
  let isShown = false;

  function put(next: Own<Definition, Name>): void {
    own = next;
    for (const listener of [...listeners]) listener();
  }

  function isNew({ value, seen }: Draft<Definition, Name>): boolean {
    return seen.status !== 'existing' || !isEqual(value, seen.fields[name]);
  }

  function read(): DraftState<Definition, Name> {
    const { draft, rejection } = own;
    const shown = field?.peek() ?? NO_FIELD;
    if (!draft) return { ...shown, isDraft: false, rejection };
    return { ...shown, value: draft.value, isDraft: isNew(draft), rejection };
  }

  function peek(): DraftState<Definition, Name> {
    const state = read();
    if (!lastState || !isSame(lastState, state)) lastState = state;
    return lastState;
  }

  function subscribe(listener: () => void): () => void {
    listeners.add(listener);
    const stopListening = field?.subscribe(listener);
    return () => {
      listeners.delete(listener);
      stopListening?.();
    };
  }

  function toDraft(value: Value, given: AggregateHandle<Definition>): Draft<Definition, Name> {
    return { value, seen: own.draft?.seen ?? given.peek() };
  }

  async function send(
    draft: Draft<Definition, Name>,
    to: AggregateHandle<Definition>,
  ): Promise<DraftResult<Definition>> {
    own = NOTHING_OWN;
    if (!isNew(draft)) {
      put(own);
      return { outcome: 'nothing' };
    }
    lastSent = draft;
    const asked = to.change(toPatch(name, draft.value), { seen: draft.seen });
    put(own);
    const result = await asked;
    if (result.outcome === 'queued') void result.settled.then((settled) => note(settled, draft));
    else note(result, draft);
    return result;
  }

  function note(result: SettledResult<Definition>, draft: Draft<Definition, Name>): void {
    const isRefused = result.outcome === 'rejected' || result.outcome === 'conflict';
    // A value that was committed after it stands for what the person wants.
    if (!isRefused || lastSent !== draft) return;
    if (!isShown) return tell(result, draft.value);
    if (result.outcome === 'conflict') return;
    // A newer draft was begun over the value that is refused now, which nobody else ever saw.
    put({ draft: { value: (own.draft ?? draft).value, seen: draft.seen }, rejection: result });
  }

  function tell(refusal: LateRefusal<Definition>, value: Value): void {
    if (options.onRefused) return options.onRefused(refusal, value);
    if (refusal.outcome !== 'rejected') return;
    const { reportError } = globalThis as { reportError?: (error: unknown) => void };
    reportError?.(new Error(`weft: the last value of '${name}' was refused: ${refusal.detail}`));
  }

  function leave(): void {
    isShown = false;
    if (own.draft && options.onLeave === 'drop') revert();
    else commit();
  }

  function edit(value: Value): void {
    if (handle) put({ ...own, draft: toDraft(value, handle) });
  }

  function commit(): void {
    // What is misuse of the handle is an unhandled rejection then: nobody is there to be told.
    if (handle && own.draft) void send(own.draft, handle);
  }

  function revert(): void {
    if (own !== NOTHING_OWN) put(NOTHING_OWN);
  }

  function set(value: Value): Promise<DraftResult<Definition>> {
    if (!handle) return Promise.reject(new Error(`there is no handle yet to set '${name}' by`));
    return send(toDraft(value, handle), handle);
  }

  return {
    handle,
    name,
    peek,
    subscribe,
    edit,
    commit,
    revert,
    set,
    configure: (given: DraftOptions<Definition, Name>): void => {
      options = given;
    },
    /** Somebody is there to see it, until the returned function is called. */
    show: (): (() => void) => {
      isShown = true;
      return leave;
    },
  };
}

type Comparable = Parameters<typeof isSameField>[0] & {
  readonly isDraft: boolean;
  readonly rejection: unknown;
};

function isSame(before: Comparable, now: Comparable): boolean {
  return before.isDraft === now.isDraft && before.rejection === now.rejection && isSameField(before, now);
}
