import { createRequire } from 'node:module';
import { expect, it, onTestFinished, vi } from 'vitest';
import 'yjs';
import type { ClientReport } from './clientReport.ts';
import { watchYjs } from './watchYjs.ts';

const FLAG = '__ $YJS$ __';
const AS_YJS_LEAVES_IT = { value: true, writable: true, enumerable: true, configurable: true };

/** A global object on which Yjs was loaded. */
const createPage = () => Object.defineProperty({}, FLAG, AS_YJS_LEAVES_IT);
const flagOf = (page: object) => Reflect.getOwnPropertyDescriptor(page, FLAG);
/** What every copy does as it is loaded. */
const loadYjs = (page: object) => Reflect.set(page, FLAG, true);

function watch(page: object) {
  const reports: ClientReport[] = [];
  return { reports, end: watchYjs((report) => reports.push(report), page) };
}

it('[HAN14] reports another copy of Yjs as it is loaded, and how to come to one', () => {
  const printed = vi.spyOn(console, 'error').mockImplementation(() => undefined);
  const before = flagOf(globalThis);
  const reports: ClientReport[] = [];
  const end = watchYjs((report) => reports.push(report));
  onTestFinished(end);
  const require = createRequire(import.meta.url);
  // Beside the one for `import`.
  require(require.resolve('yjs').replace(/mjs$/, 'cjs'));
  expect(reports).toEqual([{ kind: 'second-yjs', detail: expect.stringMatching(/npm ls yjs.*dedupe/) }]);
  // Yjs has found its flag.
  expect(printed).toHaveBeenCalledWith(expect.stringContaining('Yjs was already imported'));
  end();
  expect(flagOf(globalThis)).toEqual(before);
  expect(before).toEqual(AS_YJS_LEAVES_IT);
});

it('[HAN14] reports nothing where the flag is only looked at, and does not show it to those who list', () => {
  const page = createPage();
  const { reports } = watch(page);
  expect(Reflect.get(page, FLAG)).toBe(true);
  expect(Object.keys(page)).toEqual([]);
  expect(reports).toEqual([]);
});

it('[HAN14] tells every client that is open', () => {
  const page = createPage();
  const [first, second, third] = [watch(page), watch(page), watch(page)];
  loadYjs(page);
  first.end();
  loadYjs(page);
  third.end();
  first.end();
  loadYjs(page);
  expect([first, second, third].map(({ reports }) => reports.length)).toEqual([1, 3, 2]);
  second.end();
  expect(flagOf(page)).toEqual(AS_YJS_LEAVES_IT);
});

it('[HAN14] watches again for a client that comes after the last', () => {
  const page = createPage();
  const earlier = watch(page);
  earlier.end();
  const { reports } = watch(page);
  earlier.end();
  loadYjs(page);
  expect([reports.length, earlier.reports.length]).toEqual([1, 0]);
});

it('[HAN14] leaves alone what somebody else has made of the flag meanwhile', () => {
  const page = createPage();
  const { end } = watch(page);
  Object.defineProperty(page, FLAG, { get: () => 'theirs' });
  const theirs = flagOf(page);
  end();
  expect(flagOf(page)).toEqual(theirs);
});

it.each([
  ['is frozen', Object.freeze(createPage())],
  ['takes nothing new', Object.preventExtensions({})],
  ['keeps the flag as it is', Object.defineProperty({}, FLAG, { ...AS_YJS_LEAVES_IT, configurable: false })],
])('[HAN14] does nothing where the global object %s', (_what, page) => {
  const before = flagOf(page);
  const { reports, end } = watch(page);
  loadYjs(page);
  expect(flagOf(page)).toEqual(before);
  end();
  expect(flagOf(page)).toEqual(before);
  expect(reports).toEqual([]);
});
