import type { Response } from 'express';
import type { CommandHandler } from '../commands/commandHandler.ts';
import type { CommandRequest } from '../commands/commandRequest.ts';
import type { DeferredCommands } from '../commands/deferredCommands.ts';
import { sendOutcome } from './sendOutcome.ts';
import type { WriteOptions } from './writeHeaders.ts';

export type CommandServices = {
  readonly commands: CommandHandler;
  readonly deferred: DeferredCommands;
};

type Asked = {
  readonly command: CommandRequest;
  readonly options: Pick<WriteOptions, 'handling' | 'respondAsync' | 'dryRun'>;
};

/** Answers a command with its outcome, with what it would come to, or with where its outcome will be found. */
export async function answerCommand(
  { commands, deferred }: CommandServices,
  response: Response,
  { command, options }: Asked,
): Promise<void> {
  if (options.handling === 'lenient' && isDivisible(command)) {
    response.append('Preference-Applied', 'handling=lenient');
  }
  const answered = { ...command, kind: command.command.kind, dryRun: options.dryRun };
  if (options.dryRun) return sendOutcome(response, await commands.rehearse(command), answered);
  if (!options.respondAsync) return sendOutcome(response, await commands.execute(command), answered);
  const accepted = await deferred.accept(command);
  if (accepted.outcome === 'rejected') return sendOutcome(response, accepted, answered);
  const status = `/api/${command.aggregate}/${command.id}/requests/${accepted.id}`;
  response.append('Preference-Applied', 'respond-async');
  response.status(202).location(status).json({ outcome: 'pending', status });
}

/** Whether a part of it can be applied without the rest. */
function isDivisible({ command: { kind } }: CommandRequest): boolean {
  return kind === 'change' || kind === 'set';
}
