import { expect, it } from 'vitest';
import { hrefOfNote, parseRoute } from './route.ts';

it.each(['', '#', '#/'])('reads %j as the list', (hash) => {
  expect(parseRoute(hash)).toEqual({ screen: 'list' });
});

it('reads the address that it gives a note', () => {
  expect(parseRoute(hrefOfNote('a-1'))).toEqual({ screen: 'note', id: 'a-1' });
});

it.each(['#/notes/', '#/notes/a/b', '#/notes/a%20b', '#/notes/../x', '#/else'])(
  'does not take %j for a note',
  (hash) => {
    expect(parseRoute(hash)).toEqual({ screen: 'unknown' });
  },
);
