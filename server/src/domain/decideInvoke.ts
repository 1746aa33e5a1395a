import {
  type AggregateDefinition,
  type AnyEvent,
  type Command,
  type CommandDefinition,
  type FieldValues,
  validateFields,
  validateValue,
} from '@weft/client/protocol';
import type { AggregateEvent } from './aggregateEvent.ts';
import type { ExistingAggregate } from './aggregateState.ts';
import { type DecideOptions, type Decision, reject, rejectFields } from './decision.ts';
import { applyDomainEvent, changedFields } from './evolve.ts';
import { judgeTouched } from './judgeTouched.ts';
import { judgeWhole } from './judgeWhole.ts';
import { listRejected } from './losingValue.ts';
import { seenOf } from './seenOf.ts';
import { toOutcome } from './toOutcome.ts';

type Invocation = Extract<Command, { kind: 'invoke' }>;
type DomainEvent = Extract<AggregateEvent, { kind: 'domain' }>;
type AnyCommand = CommandDefinition<FieldValues, AnyEvent, unknown, unknown>;

/**
 * Decides a domain command on the newest fields. Its events are appended all or none, so a conflict on any field that
 * they touch is one of the whole command, and `lenient` changes nothing.
 */
export function decideInvoke(
  definition: AggregateDefinition,
  state: ExistingAggregate,
  { command: { name, input }, options }: { command: Invocation; options: DecideOptions },
): Decision {
  const command = Object.hasOwn(definition.commands, name) ? definition.commands[name] : undefined;
  if (!command) return reject('unknown-command', `a ${definition.name} has no command '${name}'`);
  const given = validateValue(command.input, input, '');
  if (!given.ok) return reject('invalid-input', 'the command does not take this', given.issues);
  // A copy: what a decision does to its fields must not reach the state that others are decided on.
  const decided = command.decide(structuredClone(state.fields), given.value, options.context);
  if ('refused' in decided) return reject('refused', decided.refused, decided.errors);

  const events = (decided.events ?? []).map((event) => toDomainEvent(definition, event));
  const after = events.reduce(
    (fields, event) => ({ ...fields, ...applyDomainEvent(definition, fields, event) }),
    state.fields,
  );
  const changed = changedFields(state.fields, after);
  const wants = Object.fromEntries(changed.map((field) => [field, after[field]]));
  const stopped = judgeWhole(state, { wants, options, isWhole: false });
  if (stopped) return stopped;
  const { issues } = validateFields(definition, wants);
  const broken = issues.length > 0 ? issues : definition.check(after);
  if (broken.length > 0) return rejectFields(broken);

  const seen = seenOf(state, options.view);
  const { conflicts, losing } = judgeTouched(definition, state, { wants, seen, reads: command.reads });
  if (conflicts.length > 0) {
    return { outcome: 'conflict', conflicts, losing: listRejected(state, wants, seen) };
  }
  return {
    outcome: toOutcome(state, options.view, []),
    events,
    changed,
    losing,
    conflicts: [],
    ...toOutput(name, command, decided.output),
  };
}

/** What is not of the definition's own making is its fault, and no answer to a client. */
function toDomainEvent(definition: AggregateDefinition, { type, data }: AnyEvent): DomainEvent {
  const found = Object.hasOwn(definition.events, type) ? definition.events[type] : undefined;
  if (!found) throw new Error(`${definition.name} knows no event '${type}'`);
  const valid = validateValue(found.data, data, type);
  if (valid.ok) return { kind: 'domain', type, data: valid.value };
  throw new Error(`${definition.name} decided on an event that is not as it declares it: ${describe(valid)}`);
}

function toOutput(name: string, command: AnyCommand, output: unknown): { output?: unknown } {
  if (!command.output) return {};
  const valid = validateValue(command.output, output, name);
  if (valid.ok) return { output: valid.value };
  throw new Error(`the command answers with what it does not declare: ${describe(valid)}`);
}

function describe({ issues }: { readonly issues: readonly { path: string; message: string }[] }): string {
  return issues.map(({ path, message }) => `${path}: ${message}`).join('; ');
}
