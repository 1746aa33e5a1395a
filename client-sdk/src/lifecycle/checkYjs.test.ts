import { createRequire } from 'node:module';
import { expect, it, vi } from 'vitest';
import * as Y from 'yjs';
import { checkYjs } from './checkYjs.ts';

it('[HAN14] has nothing against the copy of Yjs that the SDK uses', () => {
  expect(() => checkYjs(Y)).not.toThrow();
});

it('[HAN14] throws for another copy of Yjs, and says how to come to one', () => {
  // Yjs prints as well, which would end this file.
  vi.spyOn(console, 'error').mockImplementation(() => undefined);
  const require = createRequire(import.meta.url);
  // Beside the one for `import`.
  const other = require(require.resolve('yjs').replace(/mjs$/, 'cjs')) as typeof Y;
  expect(() => checkYjs(other)).toThrow(/another copy of Yjs.*npm ls yjs.*dedupe/);
});
