import type { ConsistencyToken } from '../../protocol/consistencyToken.ts';
import type { Command } from '../../protocol/messages/up.ts';
import type { FieldValues } from '../../protocol/outcome.ts';
import type { ConfirmedState } from './confirmedState.ts';

/**
 * A command from the moment it was asked for until the confirmed state shows what became of it.
 *
 * `stage`: `queued` until it is sent, again after a connection was lost; `sent` until it is answered; `applied` from
 * an answer that says so until the confirmed state shows it. Answer and event come in either order, so that an event
 * may be `shown` before. The events of a domain command come one by one, and may be shown in part.
 *
 * `traceable`: its own event is sure to come. It is not where the command may have been applied before the state that
 * the running subscription began with, which holds it then without saying so.
 */
export type QueuedCommand = {
  readonly key: string;
  readonly command: Command;
  /** Whole values of the fields that the command sets, or is expected to set, for display. */
  readonly values: Readonly<FieldValues>;
  readonly stage: 'queued' | 'sent' | 'applied';
  readonly shown: boolean | ShownEvents;
  /** Of the state that a domain command led to, once it is applied. */
  readonly leadsTo?: ConsistencyToken;
  readonly traceable: boolean;
};

/** Events of a command that the confirmed state shows: the fields that they changed, and the newest one's token. */
export type ShownEvents = { readonly fields: readonly string[]; readonly token: ConsistencyToken };

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

/** The confirmed state now has an event of this command; a domain command may have more. */
export function markShown<Entry extends QueuedCommand>(
  queue: Queue<Entry>,
  key: string,
  event: ShownEvents,
): Queue<Entry> {
  const entry = queue.find((candidate) => candidate.key === key);
  if (entry?.stage === 'applied') {
    const isLast = entry.leadsTo === undefined || entry.leadsTo === event.token;
    return isLast ? remove(queue, key) : queue;
  }
  return update(queue, key, ({ command, shown }) => ({
    shown: command.kind === 'invoke' ? addShown(shown, event) : true,
  }));
}

function addShown(before: QueuedCommand['shown'], { fields, token }: ShownEvents): ShownEvents {
  return { fields: typeof before === 'boolean' ? fields : [...before.fields, ...fields], token };
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
  if (entry.shown === true) return true;
  if (entry.shown && entry.shown.token === applied.token) return true;
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
