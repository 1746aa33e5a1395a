import { z } from 'zod';

/** UTF-16 code units of a version's name. */
export const MAX_VERSION_NAME_LENGTH = 200;

/** What people may call a version. Space around it is left out. */
export const versionNameSchema = z
  .string()
  .trim()
  .min(1, 'must not be blank')
  .max(MAX_VERSION_NAME_LENGTH, `must have at most ${MAX_VERSION_NAME_LENGTH} characters`)
  .refine((name) => !/[\p{Cc}\p{Cs}\u2028\u2029]/u.test(name), 'must not hold control characters');
