import type { FieldValues } from '../../protocol/outcome.ts';
import type { QueuedCommand } from './commandQueue.ts';
import type { ConfirmedState } from './confirmedState.ts';

/** What is shown: the confirmed state with pending commands over it, in order. */
export type Overlay =
  | { readonly status: 'loading' | 'missing' | 'deleted' }
  | {
      readonly status: 'existing';
      readonly fields: Readonly<FieldValues>;
      readonly pending: readonly string[];
    };

/** The confirmed state, with nothing over it. */
export function toStart(confirmed: ConfirmedState): Overlay {
  return confirmed.status === 'existing' ? { ...confirmed, pending: [] } : confirmed;
}

/** What is shown of the confirmed state with these commands over it. */
export function toOverlay(confirmed: ConfirmedState, queue: readonly QueuedCommand[]): Overlay {
  return layOver(toStart(confirmed), queue);
}

/**
 * Lays further commands over what is shown. A command whose events are shown in part covers them until the last one has
 * come: what is between two of its events was never meant to be seen.
 */
export function layOver(below: Overlay, queue: readonly QueuedCommand[]): Overlay {
  // One object for all of them: ten thousand may wait, and each answer comes here.
  let { status } = below;
  let fields: FieldValues = below.status === 'existing' ? { ...below.fields } : {};
  const pending = new Set(below.status === 'existing' ? below.pending : []);

  /** A command that the server is bound to refuse, such as a change of what is missing, shows nothing. */
  function cover({ command, values }: QueuedCommand): void {
    if (command.kind === 'delete') {
      if (status === 'existing') status = 'deleted';
      return;
    }
    if (command.kind === 'create') {
      if (status !== 'loading' && status !== 'missing') return;
      status = 'existing';
      fields = {};
    }
    if (status !== 'existing') return;
    Object.assign(fields, values);
    for (const field of Object.keys(values)) pending.add(field);
  }

  for (const command of queue) if (command.shown !== true) cover(command);
  return status === 'existing' ? { status, fields, pending: [...pending] } : { status };
}
