import { z } from 'zod';
import { MAX_USER_NAME_LENGTH } from './limits.ts';

const printable = z
  .string()
  .min(1)
  .max(MAX_USER_NAME_LENGTH)
  .refine((text) => !/[\p{Cc}\p{Cs}]/u.test(text), 'must not hold control characters');

/** Who did something: kept with every event and conflict. `id` is stable, `name` is for people. */
export const userSchema = z.object({ id: printable, name: printable });

export type User = z.infer<typeof userSchema>;
