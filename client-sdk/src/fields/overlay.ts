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

/**
 * A command whose events are shown in part covers them until the last one has come: what is between two of its events
 * was never meant to be seen.
 */
export function toOverlay(confirmed: ConfirmedState, queue: readonly QueuedCommand[]): Overlay {
  const start: Overlay = confirmed.status === 'existing' ? { ...confirmed, pending: [] } : confirmed;
  return queue.filter(({ shown }) => shown !== true).reduce(cover, start);
}

/** A command that the server is bound to refuse, such as a change of what is missing, shows nothing. */
function cover(below: Overlay, { command, values }: QueuedCommand): Overlay {
  switch (command.kind) {
    case 'create':
      return below.status === 'loading' || below.status === 'missing'
        ? { status: 'existing', fields: values, pending: Object.keys(values) }
        : below;
    case 'change':
    case 'invoke':
      return below.status === 'existing' ? lay(below, values) : below;
    case 'delete':
      return below.status === 'existing' ? { status: 'deleted' } : below;
  }
}

function lay(
  { fields, pending }: Extract<Overlay, { status: 'existing' }>,
  values: Readonly<FieldValues>,
): Overlay {
  return {
    status: 'existing',
    fields: { ...fields, ...values },
    pending: [...new Set([...pending, ...Object.keys(values)])],
  };
}
