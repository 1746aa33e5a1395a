import type { Response } from 'express';
import { toAsked } from '../commands/askedCommand.ts';
import type { CommandHandler } from '../commands/commandHandler.ts';
import type { CommandRequest } from '../commands/commandRequest.ts';
import type { DeferredCommands } from '../commands/deferred/deferredCommands.ts';
import type { RequestWaits } from './requestWaits.ts';
import { type Answered, sendOutcome } from './sendOutcome.ts';
import type { WriteOptions } from './writeHeaders.ts';

export type CommandServices = {
  readonly commands: CommandHandler;
  readonly deferred: DeferredCommands;
  readonly waits: RequestWaits;
};

type Asked = {
  readonly command: CommandRequest;
  readonly options: Pick<WriteOptions, 'handling' | 'respondAsync' | 'wait' | 'dryRun'>;
};

/** Answers a command with its outcome, with what it would come to, or with where its outcome will be found. */
export async function answerCommand(
  services: CommandServices,
  response: Response,
  { command, options }: Asked,
): Promise<void> {
  const { commands } = services;
  if (options.handling === 'lenient' && isDivisible(command)) {
    response.append('Preference-Applied', 'handling=lenient');
  }
  const answered = { ...toAsked(command), dryRun: options.dryRun };
  if (options.dryRun) return sendOutcome(response, await commands.rehearse(command), answered);
  if (!options.respondAsync) return sendOutcome(response, await commands.execute(command), answered);
  await answerLater(services, response, { command, answered, wait: options.wait ?? 0 });
}

type LaterAnswer = {
  readonly command: CommandRequest;
  readonly answered: Answered;
  /** Seconds. */
  readonly wait: number;
};

/** With a time to wait, what is settled by then is answered as if it had been waited for (RFC 7240, 4.3). */
async function answerLater(
  { deferred, waits }: CommandServices,
  response: Response,
  { command, answered, wait }: LaterAnswer,
): Promise<void> {
  const accepted = await deferred.accept(command);
  if (accepted.outcome === 'rejected') return sendOutcome(response, accepted, answered);
  if (wait > 0) {
    await waits.until(response, wait, deferred.whenSettled(accepted.id));
    const { aggregate, id, user } = command;
    const found = await deferred.find({ aggregate, id, request: accepted.id }, user);
    if (found?.outcome) return sendOutcome(response, found.outcome, answered);
  }
  const status = `/api/${command.aggregate}/${command.id}/requests/${accepted.id}`;
  response.append('Preference-Applied', 'respond-async');
  response.status(202).location(status).json({ outcome: 'pending', status });
}

/** Whether a part of it can be applied without the rest. */
function isDivisible({ command: { kind } }: CommandRequest): boolean {
  return kind === 'change' || kind === 'set';
}
