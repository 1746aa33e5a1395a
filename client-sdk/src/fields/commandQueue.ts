import type { ConsistencyToken } from '../../protocol/consistencyToken.ts';
import type { Command } from '../../protocol/messages/up.ts';
import type { FieldValues } from '../../protocol/outcome.ts';
import type { ConfirmedState } from './confirmedState.ts';

/**
 * A command from the moment it was asked for until the confirmed state shows what became of it.
 *
 * `stage`: `queued` until it is sent, again after a connection was lost; `sent` until it is answered; `elsewhere` while
 * another page sends it; `applied` from an answer that says so until the confirmed state shows it. Answer and event come in either order, so that an event
 * may be `shown` before. The events of a domain command come one by one, and may be shown in part; only the answer tells
 * which of them is the last.
 *
 * `traceable`: its own event is sure to come. It is not where the command may have been applied before the state that
 * the running subscription began with, which holds it then without saying so.
 */
export type QueuedCommand = {
  readonly key: string;
  readonly command: Command;
  /** Whole values of the fields that the command sets, or is expected to set, for display. */
  readonly values: Readonly<FieldValues>;
  readonly stage: 'queued' | 'sent' | 'elsewhere' | 'applied';
  readonly shown: boolean | ShownInPart;
  /** Of the state that a domain command led to, once it is applied. */
  readonly leadsTo?: ConsistencyToken;
  readonly traceable: boolean;
  /** By this page. */
  readonly wasSent?: boolean;
};

/** The confirmed state shows events of the command up to the one that led to this token. */
export type ShownInPart = { readonly token: ConsistencyToken };

/** An event that the confirmed state now has: of which command, and what it led to. */
export type ShownEvent = { readonly key: string | undefined; readonly token: ConsistencyToken };

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
  return update(queue, key, (entry) => ({
    stage: 'sent',
    wasSent: true,
    traceable: entry.traceable && isLive,
  }));
}

/** The connection is lost: what is unanswered may have been applied, and is sent again by whoever sent it. */
export function requeueSent<Entry extends QueuedCommand>(queue: Queue<Entry>): Queue<Entry> {
  return queue.map((entry) => {
    if (entry.stage === 'elsewhere') return { ...entry, traceable: false };
    return entry.stage === 'sent' ? { ...entry, stage: 'queued', traceable: false } : entry;
  });
}

/** The confirmed state now has an event, of one of these commands or of none; a domain command may have more. */
export function markShown<Entry extends QueuedCommand>(
  queue: Queue<Entry>,
  { key, token }: ShownEvent,
): Queue<Entry> {
  // The events of one command follow each other, so that an event of another one comes after its last.
  const others = markWhole(queue, (entry) => entry.key !== key);
  const entry = queue.find((candidate) => candidate.key === key);
  if (!entry) return others;
  if (entry.stage === 'applied') {
    const isLast = entry.leadsTo === undefined || entry.leadsTo === token;
    return isLast ? remove(others, entry.key) : others;
  }
  return update(others, entry.key, ({ command }) => ({
    shown: command.kind === 'invoke' ? { token } : true,
  }));
}

/** Of what was shown in part the confirmed state now has everything. */
export function markWhole<Entry extends QueuedCommand>(
  queue: Queue<Entry>,
  isMeant: (entry: Entry) => boolean = () => true,
): Queue<Entry> {
  return queue.map((entry) =>
    typeof entry.shown === 'object' && isMeant(entry) ? { ...entry, shown: true } : entry,
  );
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
  if (entry.shown !== false && entry.shown.token === applied.token) return true;
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
