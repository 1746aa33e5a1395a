import {
  type AggregateDefinition,
  type Command,
  decideCommand,
  validateFields,
  validateValue,
} from '@weft/client/protocol';
import type { ExistingAggregate } from './aggregateState.ts';
import { type DecideOptions, type Decision, reject, rejectFields } from './decision.ts';
import { changedFields } from './evolve.ts';
import { judgeTouched } from './judgeTouched.ts';
import { judgeWhole } from './judgeWhole.ts';
import { listRejected } from './losingValue.ts';
import { seenOf } from './seenOf.ts';
import { toOutcome } from './toOutcome.ts';

type Invocation = Extract<Command, { kind: 'invoke' }>;

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
  const { context } = options;
  const decided = decideCommand(definition, command, { fields: state.fields, input: given.value, context });
  if ('refused' in decided) return reject('refused', decided.refused, decided.errors);
  const { events, fields: after, output } = decided;
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
    events: events.map((event) => ({ kind: 'domain', ...event })),
    changed,
    losing,
    conflicts: [],
    output,
  };
}
