import type { ConsistencyToken } from '@weft/client/protocol';
import type { CommandRequest } from './commandRequest.ts';

/** What was asked, as far as the answer depends on it. */
export type AskedCommand = Pick<CommandRequest, 'aggregate' | 'id' | 'exact'> & {
  readonly kind: CommandRequest['command']['kind'];
  readonly token?: ConsistencyToken | undefined;
};

export function toAsked({ aggregate, id, exact, command }: CommandRequest): AskedCommand {
  const token = command.kind === 'create' ? undefined : command.token;
  return { aggregate, id, exact, kind: command.kind, token };
}
