import type { AggregateDefinition } from '../../protocol/aggregateDefinition.ts';
import { isEqual } from '../../protocol/isEqual.ts';
import type { ConfirmedState } from './confirmedState.ts';
import type { HandleState } from './handleState.ts';
import type { Overlay } from './overlay.ts';

type State = HandleState<AggregateDefinition>;
type Parts = {
  readonly confirmed: ConfirmedState;
  readonly overlay: Overlay;
  readonly common: Pick<State, 'conflicts' | 'saveState' | 'freshness' | 'canUndo' | 'canRedo'>;
};

/** Parts that equal those of the state before are the same objects, so that a view can compare by identity. */
export function toHandleState({ confirmed, overlay, common }: Parts, before: State | undefined): State {
  if (overlay.status !== 'existing') return Object.freeze({ status: overlay.status, ...common });
  const known = before?.status === 'existing' ? before : undefined;
  const isConfirmed = confirmed.status === 'existing';
  return Object.freeze({
    status: 'existing',
    fields: keep(known?.fields, overlay.fields),
    confirmed: isConfirmed ? keep(known?.confirmed, confirmed.fields) : undefined,
    pending: keep(known?.pending, overlay.pending),
    token: isConfirmed ? confirmed.token : undefined,
    ...common,
  });
}

function keep<Part extends object>(before: Part | undefined, now: Part): Part {
  return before !== undefined && isEqual(before, now) ? before : Object.freeze(now);
}
