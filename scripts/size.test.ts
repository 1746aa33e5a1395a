import { beforeAll, expect, it } from 'vitest';
import { CORE_BUDGET_BYTES, measureSizes, type Sizes } from './sizeParts.ts';

let sizes: Sizes;
beforeAll(async () => {
  sizes = await measureSizes();
}, 60_000);

it('is within its budget: what everything that @weft/client exports adds to a page', () => {
  expect(sizes.core.gzippedBytes).toBeLessThanOrEqual(CORE_BUDGET_BYTES);
});

it('has React on a page that uses the hooks, and on no other', () => {
  const isReact = (module: string) => module.includes('react');
  expect(sizes.withOffline.modules.filter(isReact)).toEqual([]);
  expect(sizes.withReact.modules.filter(isReact)).toContain('react');
});

it('has what keeps things on the device on a page that uses it, and on no other', () => {
  const keeps = (module: string) => /idb|indexeddb|client-sdk\/src\/offline\//.test(module);
  expect(sizes.core.modules.filter(keeps)).toEqual([]);
  expect(sizes.withReact.modules.filter(keeps)).toEqual([]);
  expect(sizes.withOffline.modules.filter(keeps)).toContainEqual(expect.stringContaining('idb'));
});

it('has no schemas of what only a server reads', () => {
  expect(sizes.core.codeOf('messages/down.ts')).toContain('discriminatedUnion');
  expect(sizes.core.codeOf('messages/up.ts')).not.toContain('discriminatedUnion');
});
