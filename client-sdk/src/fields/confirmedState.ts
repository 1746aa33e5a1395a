import type { ConsistencyToken } from '../../protocol/consistencyToken.ts';
import type { Down } from '../../protocol/messages/down.ts';
import type { Command } from '../../protocol/messages/up.ts';
import type { CommandOutcome, FieldValues } from '../../protocol/outcome.ts';

/** An aggregate as the server last told it. */
export type ConfirmedState =
  | { readonly status: 'loading' | 'missing' | 'deleted' }
  | { readonly status: 'existing'; readonly fields: Readonly<FieldValues>; readonly token: ConsistencyToken };

export type StateMessage = Extract<Down, { type: 'state' }>;
export type ChangedMessage = Extract<Down, { type: 'changed' }>;

/** The state after the answer to a subscription; undefined where the answer makes no sense. */
export function applyState(confirmed: ConfirmedState, { state }: StateMessage): ConfirmedState | undefined {
  if (state.status !== 'unchanged') return state;
  const isKnown = confirmed.status === 'existing' && confirmed.token === state.token;
  return isKnown ? confirmed : undefined;
}

/** The state after one event; undefined where the event cannot follow. */
export function applyChange(
  confirmed: ConfirmedState,
  { change, token }: ChangedMessage,
): ConfirmedState | undefined {
  switch (change.kind) {
    case 'created':
      return { status: 'existing', fields: change.fields, token };
    case 'changed':
      if (confirmed.status !== 'existing') return undefined;
      return { status: 'existing', fields: { ...confirmed.fields, ...change.fields }, token };
    case 'deleted':
      return { status: 'deleted' };
  }
}

/** The state that an answer tells of; undefined where it tells of none. */
export function applyAnswer(command: Command, outcome: CommandOutcome): ConfirmedState | undefined {
  if (outcome.outcome === 'rejected' || outcome.outcome === 'conflict') return undefined;
  if (command.kind === 'delete') return { status: 'deleted' };
  return { status: 'existing', fields: outcome.fields, token: outcome.token };
}
