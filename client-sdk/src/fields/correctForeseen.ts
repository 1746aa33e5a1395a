import { isEqual } from '../../protocol/isEqual.ts';
import type { Applied, FieldValues } from '../../protocol/outcome.ts';
import type { QueuedCommand } from './commandQueue.ts';

type Result = Pick<Applied, 'changed' | 'fields' | 'token' | 'lost'>;

/**
 * Puts what the server made of a domain command in the place of what was foreseen of it, such as the time: in what is
 * shown until its events come, and in what the authors of the commands behind it saw. To them it is a change of their
 * own. A field of which nothing was expected is left alone: there the server
 * may have written over a value that is newer than what the author behind saw.
 */
export function correctForeseen<Entry extends QueuedCommand>(
  queue: readonly Entry[],
  key: string,
  { changed, fields, token, lost = [] }: Result,
): readonly Entry[] {
  const at = queue.findIndex((entry) => entry.key === key);
  const applied = queue[at];
  if (applied?.command.kind !== 'invoke') return queue;
  // What it was not expected to change was to stay as its own author saw it, and by that the server has judged it.
  const expected = { ...applied.command.seen, ...applied.values };
  // Where others changed a field as well, its policy has made a value that nobody saw.
  const isOwn = (field: string) => !lost.some((other) => other.field === field);
  const own = new Set(changed.filter((field) => Object.hasOwn(expected, field) && isOwn(field)));
  const behind = queue.slice(at + 1).map((entry) => {
    const corrected = correctSeen(entry, { expected, fields, own });
    // Whatever comes behind this one was asked for on top of its values.
    for (const field of Object.keys(entry.values)) own.delete(field);
    return corrected;
  });
  return [...queue.slice(0, at), { ...applied, values: pick(fields, changed), leadsTo: token }, ...behind];
}

type Correction = {
  readonly expected: Readonly<FieldValues>;
  readonly fields: Readonly<FieldValues>;
  readonly own: ReadonlySet<string>;
};

function correctSeen<Entry extends QueuedCommand>(
  entry: Entry,
  { expected, fields, own }: Correction,
): Entry {
  const { command, wasSent } = entry;
  // One may be sent before this page hears of another that belongs in front of it.
  if (wasSent || command.kind === 'create' || !command.seen) return entry;
  const { seen } = command;
  // Whoever saw another value than was expected saw an earlier state, or a newer one.
  const names = Object.keys(seen).filter((field) => own.has(field) && isEqual(seen[field], expected[field]));
  if (names.length === 0) return entry;
  return { ...entry, command: { ...command, seen: { ...seen, ...pick(fields, names) } } };
}

function pick(fields: Readonly<FieldValues>, names: readonly string[]): FieldValues {
  return Object.fromEntries(names.map((name) => [name, fields[name]]));
}
