import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { expect, onTestFinished, test } from 'vitest';
import { createJwtAuthenticate } from './createJwtAuthenticate.ts';

const secret = 'a secret of thirty-two characters';
const key = new TextEncoder().encode(secret);
const authenticate = createJwtAuthenticate({ kind: 'secret', secret });

function sign(claims: Record<string, unknown>, expires: string | undefined = '1h') {
  const jwt = new SignJWT(claims).setProtectedHeader({ alg: 'HS256' });
  return (expires === undefined ? jwt : jwt.setExpirationTime(expires)).sign(key);
}

test('[AUT2] the subject and name of a valid token are the user', async () => {
  expect(await authenticate({ token: await sign({ sub: 'u1', name: 'Ada' }) })).toEqual({
    outcome: 'authenticated',
    user: { id: 'u1', name: 'Ada' },
    expiresAt: expect.any(Number) as number,
  });
  expect(await authenticate({ token: await sign({ sub: 'u1' }) })).toMatchObject({
    user: { id: 'u1', name: 'u1' },
  });
});

test('[CON8] the expiry of a token is told in milliseconds', async () => {
  const now = Math.floor(Date.now() / 1000);
  const token = await new SignJWT({ sub: 'u1', exp: now + 60.5 })
    .setProtectedHeader({ alg: 'HS256' })
    .sign(key);
  expect(await authenticate({ token })).toMatchObject({ expiresAt: now * 1000 + 60_500 });
});

const unsigned = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${Buffer.from('{"sub":"u1"}').toString('base64url')}.`;

test.each([
  ['none', async () => undefined],
  ['an empty one', async () => ''],
  ['nonsense', async () => 'nonsense'],
  ['an unsigned one', async () => unsigned],
  [
    'one of another secret',
    async () =>
      new SignJWT({ sub: 'u1' })
        .setProtectedHeader({ alg: 'HS256' })
        .setExpirationTime('1h')
        .sign(new Uint8Array(32)),
  ],
  ['an expired one', () => sign({ sub: 'u1' }, '-1s')],
  ['one without an expiry', () => new SignJWT({ sub: 'u1' }).setProtectedHeader({ alg: 'HS256' }).sign(key)],
  ['one without a subject', () => sign({ name: 'Ada' })],
  ['one with a name of control characters', () => sign({ sub: 'u1', name: 'a\0b' })],
])('[AUT2] with %s somebody is refused, without a word of the token', async (_case, toToken) => {
  const token = await toToken();
  const result = await authenticate({ token });
  expect(result.outcome).toBe('refused');
  if (token) expect(JSON.stringify(result)).not.toContain(token);
});

test('[AUT2] keys come from a JWK set, and keys that cannot be fetched are nobody’s refusal', async () => {
  const { publicKey, privateKey } = await generateKeyPair('ES256');
  const jwk = { ...(await exportJWK(publicKey)), kid: 'k1', alg: 'ES256' };
  let broken = true;
  const keys = createServer((_request, response) => {
    if (broken) response.writeHead(500).end();
    else response.end(JSON.stringify({ keys: [jwk] }));
  }).listen(0, '127.0.0.1');
  onTestFinished(() => void keys.close());
  await new Promise((resolve) => keys.once('listening', resolve));
  const { port } = keys.address() as AddressInfo;
  const verify = createJwtAuthenticate({ kind: 'jwks', url: new URL(`http://127.0.0.1:${port}/`) });
  const header = { alg: 'ES256', kid: 'k1' };
  const token = await new SignJWT({ sub: 'u1' })
    .setProtectedHeader(header)
    .setExpirationTime('1h')
    .sign(privateKey);
  await expect(verify({ token })).rejects.toThrow();
  broken = false;
  expect(await verify({ token })).toMatchObject({ outcome: 'authenticated', user: { id: 'u1' } });
  // A shared-secret signature made with public knowledge must not pass for one of the set's.
  const forged = await new SignJWT({ sub: 'u1' })
    .setProtectedHeader({ alg: 'HS256' })
    .setExpirationTime('1h')
    .sign(key);
  expect(await verify({ token: forged })).toMatchObject({ outcome: 'refused' });
});
