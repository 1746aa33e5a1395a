import { expect, test } from 'vitest';
import { parseSettings } from './settings.ts';

test('[OPS1] without settings the server is on this machine only, with a file of its own', () => {
  expect(parseSettings({ HOME: '/root' })).toEqual({
    ok: true,
    settings: {
      port: 8080,
      host: '127.0.0.1',
      store: 'sqlite:./data/weft.db',
      origins: [],
      identity: { kind: 'none' },
      logLevel: 'info',
    },
  });
});

test('[OPS1] every setting is read', () => {
  const parsed = parseSettings({
    PORT: '0',
    HOST: '::1',
    WEFT_STORE: 'memory:',
    WEFT_ORIGINS: 'https://a.example, http://b.example:3000',
    WEFT_AUTH: 'jwt',
    WEFT_JWKS: 'https://id.example/keys',
    WEFT_LOG: 'silent',
  });
  expect(parsed).toMatchObject({
    ok: true,
    settings: {
      port: 0,
      host: '::1',
      store: 'memory:',
      origins: ['https://a.example', 'http://b.example:3000'],
      identity: { kind: 'jwks' },
      logLevel: 'silent',
    },
  });
});

test.each([
  [{ PORT: 'http' }, 'PORT'],
  [{ PORT: '' }, 'PORT'],
  [{ PORT: '-1' }, 'PORT'],
  [{ PORT: '65536' }, 'PORT'],
  [{ HOST: '' }, 'HOST'],
  [{ WEFT_STORE: '' }, 'WEFT_STORE'],
  [{ WEFT_STORE: 'mysql:x' }, 'sqlite:<path>'],
  [{ WEFT_ORIGINS: 'a.example' }, 'WEFT_ORIGINS'],
  [{ WEFT_AUTH: 'basic' }, 'WEFT_AUTH'],
  [{ WEFT_AUTH: 'jwt' }, 'WEFT_JWKS'],
  [{ WEFT_AUTH: 'jwt', WEFT_JWT_SECRET: 'short' }, 'WEFT_JWT_SECRET'],
  [{ WEFT_AUTH: 'jwt', WEFT_JWT_SECRET: 'x'.repeat(32), WEFT_JWKS: 'https://id.example' }, 'one of them'],
  [{ WEFT_JWT_SECRET: 'x'.repeat(32) }, 'WEFT_AUTH=jwt'],
  [{ WEFT_LOG: 'loud' }, 'WEFT_LOG'],
  [{ WEFT_STOER: 'memory:' }, 'WEFT_STOER'],
])('[OPS1] %j is refused in one line that names the setting', (environment, name) => {
  const parsed = parseSettings(environment);
  expect(parsed).toMatchObject({ ok: false, error: expect.stringContaining(name) as string });
  expect(parsed.ok || parsed.error.includes('\n')).toBe(false);
});

test('[AUT3] names without proof are refused on an address that others reach, unless that is meant', () => {
  expect(parseSettings({ HOST: '0.0.0.0' })).toMatchObject({ ok: false });
  expect(parseSettings({ HOST: '127.0.0.1.example.com' })).toMatchObject({ ok: false });
  expect(parseSettings({ HOST: '0.0.0.0', WEFT_AUTH: 'none' })).toMatchObject({ ok: true });
  expect(parseSettings({ HOST: 'localhost' })).toMatchObject({ ok: true });
  expect(parseSettings({ HOST: '0.0.0.0', WEFT_AUTH: 'jwt', WEFT_JWT_SECRET: 'x'.repeat(32) })).toMatchObject(
    {
      ok: true,
      settings: { identity: { kind: 'secret' } },
    },
  );
});
