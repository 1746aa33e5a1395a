import { expect, it } from 'vitest';
import { findSecondCopies, readLockfile } from './installedCopies.ts';

const once = {
  '': { name: 'weft' },
  'client-sdk': { version: '0.1.0' },
  'node_modules/yjs': { version: '13.6.33' },
  'node_modules/y-protocols': { version: '1.0.7' },
  'node_modules/lib0': { version: '0.2.120' },
  'node_modules/not-yjs': { version: '1.0.0' },
};

function problemsOf(packages: object): string[] {
  return findSecondCopies(readLockfile(JSON.stringify({ lockfileVersion: 3, packages })));
}

it('finds nothing where each is installed once', () => {
  expect(problemsOf(once)).toEqual([]);
});

it('reports a second copy below another package or a workspace, also of the same version', () => {
  expect(
    problemsOf({
      ...once,
      'node_modules/editor/node_modules/yjs': { version: '13.6.33' },
      'server/node_modules/lib0': { version: '0.2.99' },
    }),
  ).toEqual([
    'yjs is installed as node_modules/yjs (13.6.33) and as node_modules/editor/node_modules/yjs (13.6.33)',
    'lib0 is installed as node_modules/lib0 (0.2.120) and as server/node_modules/lib0 (0.2.99)',
  ]);
});

it('reports Yjs 14 under its own name', () => {
  expect(problemsOf({ ...once, 'node_modules/@y/y': { version: '14.0.0' } })).toEqual([
    '@y/y is another Yjs, installed as node_modules/@y/y (14.0.0)',
  ]);
});

it('reports what is missing', () => {
  expect(problemsOf({})).toEqual([
    'yjs is not installed',
    'y-protocols is not installed',
    'lib0 is not installed',
  ]);
});
