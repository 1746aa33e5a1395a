import { z } from 'zod';
import { userSchema } from './user.ts';

/** A complaint about one value; `path` names the field, `''` the whole. */
export const fieldIssueSchema = z.object({ path: z.string(), message: z.string() });

export type FieldIssue = z.infer<typeof fieldIssueSchema>;

/**
 * One field of a write that would have overwritten a newer value: what the writer saw, what is stored now, what was
 * asked. `was` is absent where the writer's state is unknown, `want` where nothing was asked of the field itself: a
 * deletion, or a field that a command only reads. `by` and `at` (ISO 8601) say who stored `is`, and when. `of` names
 * the aggregate where it is another one, that the write depended on; `is` is absent where that one was deleted.
 */
export const fieldConflictSchema = z.object({
  field: z.string(),
  was: z.unknown().optional(),
  is: z.unknown().optional(),
  want: z.unknown().optional(),
  by: userSchema,
  at: z.string(),
  of: z.object({ aggregate: z.string(), id: z.string() }).optional(),
});

export type FieldConflict = z.infer<typeof fieldConflictSchema>;

/** A value that gave way by its field's policy in a write that was applied; `kept` is what is stored now. */
export const lostValueSchema = z.object({
  field: z.string(),
  was: z.unknown(),
  is: z.unknown(),
  want: z.unknown(),
  kept: z.unknown(),
});

export type LostValue = z.infer<typeof lostValueSchema>;
