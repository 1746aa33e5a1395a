import type { ConsistencyToken } from '../../protocol/consistencyToken.ts';
import type { Command } from '../../protocol/messages/up.ts';
import type { FieldValues } from '../../protocol/outcome.ts';
import type { ConfirmedState } from './confirmedState.ts';

/**
 * A command from the moment it was asked for until the confirmed state shows what became of it.
 *
 * `stage`: `queued` until it is sent, again after a connection was lost; `sent` until it is answered; `applied` from
 * an answer that says so until the confirmed state shows it. Answer and event come in either order, so that an event
 * may be `shown` before.
 *
 * `traceable`: its own event is sure to come. It is not where the command may have been applied before the state that
 * the running subscription began with, which holds it then without saying so.
 */
export type QueuedCommand = {
  readonly key: string;
  readonly command: Command;
  /** Whole values of the fields that the command sets, for display. */
  readonly values: Readonly<FieldValues>;
  readonly stage: 'queued' | 'sent' | 'applied';
  readonly shown: boolean;
  readonly traceable: boolean;
};

type Queue<Entry> = readonly Entry[];

/** What may be sent now: commands go one at a time, in order. */
export function findNext<Entry extends QueuedCommand>(queue: Queue<Entry>): Entry | undefined {
  const first = queue.find(isUnanswered);
  return first?.stage === 'queued' ? first : undefined;
}

export function isUnanswered({ stage }: QueuedCommand): boolean {
  return stage !== 'applied';
}

/** `isLive`: whether the subscription has begun, so that every event from now on comes. */
export function markSent<Entry extends QueuedCommand>(
  queue: Queue<Entry>,
  key: string,
  isLive: boolean,
): Queue<Entry> {
  return update(queue, key, (entry) => ({ stage: 'sent', traceable: entry.traceable && isLive }));
}

/** The connection is lost: what is unanswered may have been applied, and is sent again. */
export function requeueSent<Entry extends QueuedCommand>(queue: Queue<Entry>): Queue<Entry> {
  return queue.map((entry) =>
    entry.stage === 'sent' ? { ...entry, stage: 'queued', traceable: false } : entry,
  );
}

/** The confirmed state now has the event of this command. */
export function markShown<Entry extends QueuedCommand>(queue: Queue<Entry>, key: string): Queue<Entry> {
  const isAnswered = queue.some((entry) => entry.key === key && entry.stage === 'applied');
  return isAnswered ? remove(queue, key) : update(queue, key, () => ({ shown: true }));
}

/** The command was applied: it stays only until the confirmed state shows it. */
export function markApplied<Entry extends QueuedCommand>(
  queue: Queue<Entry>,
  key: string,
  isShown: boolean,
): Queue<Entry> {
  return isShown ? remove(queue, key) : update(queue, key, () => ({ stage: 'applied' }));
}

/** A state that was read after the answers to all applied commands has come. */
export function dropApplied<Entry extends QueuedCommand>(queue: Queue<Entry>): Queue<Entry> {
  return queue.filter(isUnanswered);
}

export function remove<Entry extends QueuedCommand>(queue: Queue<Entry>, key: string): Queue<Entry> {
  return queue.filter((entry) => entry.key !== key);
}

/** Whether the confirmed state shows an applied command already. */
export function isShownBy(
  confirmed: ConfirmedState,
  entry: QueuedCommand,
  applied: { readonly changed: readonly string[]; readonly token: ConsistencyToken },
): boolean {
  if (entry.shown) return true;
  if (entry.command.kind === 'delete') return confirmed.status === 'deleted';
  // What changes nothing has no event to wait for.
  return (
    applied.changed.length === 0 || (confirmed.status === 'existing' && confirmed.token === applied.token)
  );
}

function update<Entry extends QueuedCommand>(
  queue: Queue<Entry>,
  key: string,
  change: (entry: Entry) => Partial<QueuedCommand>,
): Queue<Entry> {
  return queue.map((entry) => (entry.key === key ? { ...entry, ...change(entry) } : entry));
}
