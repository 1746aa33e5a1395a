import { z } from 'zod';

/**
 * Stands for the state of one aggregate that a reader saw. Opaque: a client keeps it, sends it back and compares it
 * for equality, and never looks inside.
 */
export const consistencyTokenSchema = z
  .string()
  .regex(/^[A-Za-z0-9_-]{1,400}$/)
  .brand<'ConsistencyToken'>();

export type ConsistencyToken = z.infer<typeof consistencyTokenSchema>;
