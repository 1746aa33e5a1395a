import type { Request } from 'express';
import { expect, test } from 'vitest';
import { readPreferences } from './preferences.ts';

function read(header: string | undefined) {
  return readPreferences({ get: () => header } as unknown as Request);
}

const NOTHING = { handling: 'strict', respondAsync: false, wait: undefined };

test.each([
  [undefined, NOTHING],
  ['', NOTHING],
  ['handling=lenient', { ...NOTHING, handling: 'lenient' }],
  ['Handling = "Lenient" ; why=because', { ...NOTHING, handling: 'lenient' }],
  ['handling=strict, handling=lenient', NOTHING],
  ['respond-async, wait=10', { ...NOTHING, respondAsync: true, wait: 10 }],
  ['return=minimal,,; wait=5, wait=7, handling=lenient', { ...NOTHING, handling: 'lenient', wait: 7 }],
  ['wait=-1', NOTHING],
  ['wait=1e3', NOTHING],
  ['wait', NOTHING],
  ['handling', NOTHING],
  ['nothandling=lenient', NOTHING],
  ['=lenient', NOTHING],
])('[TOK14] [HTT9] the preference %j is read', (header, preferences) => {
  expect(read(header)).toEqual(preferences);
});

// Reading each of its characters again for each other would take this test a minute, and time it out.
test('[HTT6] a header as long as one can be is read at once', () => {
  const blanks = ' '.repeat(16_000);
  const headers = [`a${blanks}@`, `a=${blanks}"`, ','.repeat(16_000), `a${'='.repeat(16_000)}`, `"${blanks}`];
  for (let time = 0; time < 60; time++) {
    for (const header of headers) expect(read(header)).toEqual(NOTHING);
  }
});
