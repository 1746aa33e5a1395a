import { z } from 'zod';
import { consistencyTokenSchema } from './consistencyToken.ts';
import { fieldConflictSchema, lostValueSchema } from './fieldConflict.ts';
import { rejectionSchema } from './rejection.ts';

export const fieldValuesSchema = z.record(z.string(), z.unknown());

export type FieldValues = z.infer<typeof fieldValuesSchema>;

const applied = {
  changed: z.array(z.string()),
  fields: fieldValuesSchema,
  token: consistencyTokenSchema,
  lost: z.array(lostValueSchema).optional(),
  output: z.unknown().optional(),
};

const acceptedSchema = z.object({ outcome: z.literal('accepted'), ...applied });
const mergedSchema = z.object({ outcome: z.literal('merged'), ...applied });
const partialSchema = z.object({
  outcome: z.literal('partial'),
  ...applied,
  conflicts: z.array(fieldConflictSchema),
});
const conflictSchema = z.object({
  outcome: z.literal('conflict'),
  conflicts: z.array(fieldConflictSchema),
  token: consistencyTokenSchema,
});

/**
 * What became of a command. `output` is what a domain command answers besides.
 *
 * - `accepted`: applied on exactly the state that the writer saw, or without detection.
 * - `merged`: applied beside newer changes by others.
 * - `partial`: `handling=lenient` applied the fields that do not conflict; `conflicts` are the others.
 * - `conflict`: nothing applied; empty `conflicts` mean that the writer's state is unknown and must be reread.
 * - `rejected`: refused as it stands.
 */
export const commandOutcomeSchema = z.discriminatedUnion('outcome', [
  acceptedSchema,
  mergedSchema,
  partialSchema,
  conflictSchema,
  rejectionSchema,
]);

export type CommandOutcome = z.infer<typeof commandOutcomeSchema>;
export type Applied = Extract<CommandOutcome, { outcome: 'accepted' | 'merged' | 'partial' }>;
export type ConflictOutcome = z.infer<typeof conflictSchema>;
