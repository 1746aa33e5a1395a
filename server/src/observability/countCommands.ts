import type { CommandHandler } from '../commands/commandHandler.ts';
import type { Metrics } from './metrics.ts';

/** Counts what becomes of commands. Unknown aggregate types share a label, so that no client can make labels. */
export function countCommands(commands: CommandHandler, metrics: Metrics): CommandHandler {
  return {
    execute: async (request) => {
      const outcome = await commands.execute(request);
      const isUnknown = outcome.outcome === 'rejected' && outcome.code === 'unknown-aggregate';
      metrics.countCommand(isUnknown ? 'unknown' : request.aggregate, outcome);
      return outcome;
    },
    rehearse: (request) => commands.rehearse(request),
  };
}
