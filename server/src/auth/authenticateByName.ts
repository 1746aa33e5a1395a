import { userSchema } from '@weft/client/protocol';
import type { Authenticate } from './authenticate.ts';

/**
 * Lets people name themselves: the token is the name, percent-encoded where a header could not carry it. Without one
 * they are anonymous. For trying out and for tests; it proves nothing.
 */
export const authenticateByName: Authenticate = ({ token }) => {
  if (token === undefined || token === '') {
    return Promise.resolve({ outcome: 'authenticated', user: { id: 'anonymous', name: 'Anonymous' } });
  }
  const name = decodeName(token);
  const user = userSchema.safeParse({ id: name, name });
  return Promise.resolve(
    user.success
      ? { outcome: 'authenticated', user: user.data }
      : { outcome: 'refused', detail: 'a name has 1 to 80 characters and no control characters' },
  );
};

function decodeName(token: string): string {
  try {
    return decodeURIComponent(token).trim();
  } catch {
    // A name with a lone percent sign is no percent-encoding, and a name all the same.
    return token.trim();
  }
}
