import type { AggregateDefinition } from './aggregateDefinition.ts';
import { validateFields } from './validateFields.ts';

const NAME = /^[a-z][A-Za-z0-9]{0,63}$/;
const EVENT_NAME = /^[A-Z][A-Za-z0-9]{0,63}$/;
// Members of a client, which an aggregate of that name would hide; a client with a `then` would pass for a promise.
const RESERVED_AGGREGATE_NAMES = new Set([
  'connection',
  'list',
  'open',
  'storage',
  'whenKept',
  'whenSaved',
  'close',
  'user',
  'saveState',
  'subscribe',
  'then',
]);
// Their streams would be those in which lost values, snapshots and accepted requests are kept.
const RESERVED_TEXT_NAMES = new Set(['conflicts', 'snapshots', 'requests']);

/** What is wrong with a definition by itself; undefined where nothing is. */
export function findContradiction(definition: AggregateDefinition): string | undefined {
  return (
    findNameContradiction(definition) ??
    findUnknownTextKind(definition) ??
    findUnknownField(definition) ??
    findUnknownPolicy(definition) ??
    findInitialContradiction(definition) ??
    findGroupContradiction(definition) ??
    findEventContradiction(definition) ??
    findCommandContradiction(definition)
  );
}

function findNameContradiction({ name, fields, text: texts }: AggregateDefinition): string | undefined {
  if (isMalformed(name, NAME) || RESERVED_AGGREGATE_NAMES.has(name))
    return 'the name is malformed or reserved';
  const malformed = [...Object.keys(fields), ...Object.keys(texts)].find((field) => isMalformed(field, NAME));
  if (malformed !== undefined) return `the field name '${malformed}' is malformed`;
  const reserved = Object.keys(texts).find((text) => RESERVED_TEXT_NAMES.has(text));
  if (reserved !== undefined) return `the text name '${reserved}' is reserved`;
  const twice = Object.keys(texts).find((field) => Object.hasOwn(fields, field));
  return twice === undefined ? undefined : `'${twice}' is both a field and a text`;
}

function findUnknownTextKind({ text: texts }: AggregateDefinition): string | undefined {
  const unknown = Object.entries(texts).find(([, { kind }]) => kind !== 'text' && kind !== 'rich-text');
  return unknown && `the text '${unknown[0]}' is of no kind`;
}

// A name that every object has, such as toString, would be found where nothing was set.
function isMalformed(name: string, pattern: RegExp): boolean {
  return !pattern.test(name) || name in Object.prototype;
}

function findUnknownField({ fields, initial, onConflict }: AggregateDefinition): string | undefined {
  const unknown = [...Object.keys(initial), ...Object.keys(onConflict)].find(
    (field) => !Object.hasOwn(fields, field),
  );
  return unknown === undefined ? undefined : `there is no field '${unknown}'`;
}

function findUnknownPolicy({ onConflict }: AggregateDefinition): string | undefined {
  const known = ['reject', 'last-writer-wins', 'first-writer-wins'];
  const unknown = Object.entries(onConflict).find(
    ([, policy]) => typeof policy !== 'function' && !known.includes(policy),
  );
  return unknown && `the policy of '${unknown[0]}' is none`;
}

function findInitialContradiction(definition: AggregateDefinition): string | undefined {
  const issue = validateFields(definition, definition.initial).issues[0];
  return issue && `initial.${issue.path}: ${issue.message}`;
}

function findGroupContradiction({ fields, groups }: AggregateDefinition): string | undefined {
  const seen = new Set<string>();
  for (const field of Object.values(groups).flat()) {
    if (!Object.hasOwn(fields, field)) return `there is no field '${field}' to group`;
    if (seen.has(field)) return `'${field}' is in two groups`;
    seen.add(field);
  }
  return undefined;
}

function findEventContradiction({ name, events }: AggregateDefinition): string | undefined {
  const malformed = Object.keys(events).find((type) => isMalformed(type, EVENT_NAME));
  if (malformed !== undefined) return `the event name '${malformed}' is malformed`;
  const noun = name.charAt(0).toUpperCase() + name.slice(1);
  const taken = ['Created', 'Changed', 'Deleted', 'SnapshotTaken'].find((end) =>
    Object.hasOwn(events, noun + end),
  );
  return taken && `the event name '${noun}${taken}' is one that every aggregate has`;
}

function findCommandContradiction({ fields, commands }: AggregateDefinition): string | undefined {
  const malformed = Object.keys(commands).find((command) => isMalformed(command, NAME));
  if (malformed !== undefined) return `the command name '${malformed}' is malformed`;
  const unknown = Object.values(commands)
    .flatMap(({ reads }) => reads)
    .find((field) => !Object.hasOwn(fields, field));
  return unknown === undefined ? undefined : `there is no field '${unknown}' to read`;
}
