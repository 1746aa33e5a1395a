import { expect, test } from 'vitest';
import { isAllowedOrigin } from './isAllowedOrigin.ts';

test.each([
  [undefined, 'localhost:8080', true],
  ['http://localhost:8080', 'localhost:8080', true],
  ['https://notes.example', 'notes.example', true],
  ['https://listed.example', 'notes.example', true],
  ['http://localhost:3000', 'localhost:8080', false],
  ['http://evil.example', 'localhost:8080', false],
  ['http://localhost:8080.evil.example', 'localhost:8080', false],
  ['null', 'localhost:8080', false],
  ['', 'localhost:8080', false],
  ['http://localhost:8080', undefined, false],
])('[SES8] origin %j at host %j: %j', (origin, host, allowed) => {
  expect(isAllowedOrigin(origin, host, ['https://listed.example'])).toBe(allowed);
});
