import { z } from 'zod';
import { fieldIssueSchema } from './fieldConflict.ts';

/** Why a command was refused as it stands. Over HTTP each code is a problem type with one status. */
export const REJECTION_CODES = [
  'malformed-request',
  'malformed-token',
  'invalid-fields',
  'invalid-input',
  'refused',
  'unknown-aggregate',
  'unknown-command',
  'not-found',
  'deleted',
  'already-exists',
  'idempotency-key-reused',
  'unauthenticated',
  'forbidden',
  'overloaded',
  'internal',
] as const;

export type RejectionCode = (typeof REJECTION_CODES)[number];

export const rejectionSchema = z.object({
  outcome: z.literal('rejected'),
  code: z.enum(REJECTION_CODES),
  detail: z.string(),
  errors: z.array(fieldIssueSchema).optional(),
});

export type Rejection = z.infer<typeof rejectionSchema>;
