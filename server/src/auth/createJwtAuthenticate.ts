import { userSchema } from '@weft/client/protocol';
import { createRemoteJWKSet, errors, jwtVerify, type JWTVerifyGetKey } from 'jose';
import type { Authenticate } from './authenticate.ts';

/** Where the keys come from: a shared secret (HS256, HS384, HS512) or the URL of a JWK set. */
export type JwtKeys =
  { readonly kind: 'secret'; readonly secret: string } | { readonly kind: 'jwks'; readonly url: URL };

/**
 * Verifies a signed token (RFC 7519): signature, expiry and subject. `sub` becomes the user's id, `name` the name. A session
 * ends when its token expires, unless it was renewed.
 */
export function createJwtAuthenticate(keys: JwtKeys): Authenticate {
  const getKey: JWTVerifyGetKey =
    keys.kind === 'jwks' ? createRemoteJWKSet(keys.url) : () => new TextEncoder().encode(keys.secret);
  // Algorithms are listed so that a public key is never taken for a shared secret.
  const algorithms =
    keys.kind === 'jwks' ? ['RS256', 'PS256', 'ES256', 'EdDSA'] : ['HS256', 'HS384', 'HS512'];

  return async ({ token }) => {
    if (token === undefined || token === '') return { outcome: 'refused', detail: 'a token is required' };
    try {
      const { payload } = await jwtVerify(token, getKey, { algorithms, requiredClaims: ['sub', 'exp'] });
      const user = userSchema.safeParse({ id: payload.sub, name: payload.name ?? payload.sub });
      // In seconds, which need not be whole.
      const expiresAt = payload.exp === undefined ? undefined : toMilliseconds(payload.exp);
      if (user.success) return { outcome: 'authenticated', user: user.data, expiresAt };
      return { outcome: 'refused', detail: 'the subject or name of the token is not allowed' };
    } catch (error) {
      const detail = toRefusal(error);
      if (detail === undefined) throw error;
      return { outcome: 'refused', detail };
    }
  };
}

/** Undefined where it is not the token that is at fault, such as keys that could not be fetched. */
function toRefusal(error: unknown): string | undefined {
  if (error instanceof errors.JWTExpired) return 'the token has expired';
  const couldNotFetchKeys = error instanceof errors.JWKSTimeout || isCode(error, 'ERR_JOSE_GENERIC');
  if (couldNotFetchKeys) return undefined;
  if (error instanceof errors.JOSEError) return 'the token is not valid';
  return undefined;
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof errors.JOSEError && error.code === code;
}

/** A token may be good for longer than a number can say. */
function toMilliseconds(seconds: number): number {
  return Math.min(Math.floor(seconds * 1000), Number.MAX_SAFE_INTEGER);
}
