import type { FieldIssue } from '@weft/client/protocol';

/** What a command says its writer saw makes no sense. */
export type Malformed = {
  readonly outcome: 'malformed';
  readonly code: 'malformed-token' | 'malformed-request' | 'invalid-fields';
  readonly detail: string;
  readonly errors?: readonly FieldIssue[];
};

export function malformedToken(complaint: string): Malformed {
  return { outcome: 'malformed', code: 'malformed-token', detail: `the consistency token ${complaint}` };
}
