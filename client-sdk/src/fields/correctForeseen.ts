import { isEqual } from '../../protocol/isEqual.ts';
import type { Applied, FieldValues } from '../../protocol/outcome.ts';
import type { QueuedCommand } from './commandQueue.ts';

type Result = Pick<Applied, 'changed' | 'fields' | 'token' | 'lost'>;

/**
 * Puts what the server made of a domain command in the place of what was foreseen of it, such as the time: in what is
 * shown until its events come, and in what the authors of the commands behind it saw. To them it is a change of their
 * own; none of those commands has ever been sent.
 */
export function correctForeseen<Entry extends QueuedCommand>(
  queue: readonly Entry[],
  key: string,
  { changed, fields, token, lost = [] }: Result,
): readonly Entry[] {
  const at = queue.findIndex((entry) => entry.key === key);
  const applied = queue[at];
  if (applied?.command.kind !== 'invoke') return queue;
  const foreseen = applied.values;
  // Where others changed a field as well, its policy has made a value that nobody saw.
  const own = new Set(changed.filter((field) => !lost.some((other) => other.field === field)));
  const behind = queue.slice(at + 1).map((entry) => {
    const corrected = correctSeen(entry, { foreseen, fields, own });
    // Whatever comes behind this one was asked for on top of its values.
    for (const field of Object.keys(entry.values)) own.delete(field);
    return corrected;
  });
  return [...queue.slice(0, at), { ...applied, values: pick(fields, changed), leadsTo: token }, ...behind];
}

type Correction = {
  readonly foreseen: Readonly<FieldValues>;
  readonly fields: Readonly<FieldValues>;
  readonly own: ReadonlySet<string>;
};

function correctSeen<Entry extends QueuedCommand>(
  entry: Entry,
  { foreseen, fields, own }: Correction,
): Entry {
  const { command } = entry;
  if (command.kind === 'create' || !command.seen) return entry;
  const { seen } = command;
  // An earlier state that was passed along shows something else than what was foreseen.
  const names = Object.keys(seen).filter(
    (field) => own.has(field) && (!Object.hasOwn(foreseen, field) || isEqual(seen[field], foreseen[field])),
  );
  return { ...entry, command: { ...command, seen: { ...seen, ...pick(fields, names) } } };
}

function pick(fields: Readonly<FieldValues>, names: readonly string[]): FieldValues {
  return Object.fromEntries(names.map((name) => [name, fields[name]]));
}
