import type { User } from '@weft/client/protocol';
import type { DecideOptions } from '../decision.ts';

export const ada: User = { id: 'ada', name: 'Ada' };
export const ben: User = { id: 'ben', name: 'Ben' };

/** What a command by Ada is decided with, who saw the newest state unless told otherwise. */
export function toDecideOptions(options: Partial<DecideOptions>): DecideOptions {
  return {
    view: { kind: 'current' },
    handling: 'strict',
    exact: false,
    unmatched: [],
    elsewhere: [],
    context: { id: 't1', user: ada, at: '2026-01-03T00:00:00.000Z' },
    ...options,
  };
}
