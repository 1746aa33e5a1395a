import type { ConsistencyToken } from '@weft/client/protocol';
import { expect, test } from 'vitest';
import { toStreamName } from '../event-store/streamName.ts';
import { readToken, toToken } from './aggregateToken.ts';

const stream = toStreamName('note', 'n1');
const point = { revision: 300n, eventId: '5b0e9dd0-0000-4000-8000-000000000001' };

test('[TOK1] a token is read as the state it was made of', () => {
  const read = readToken(stream, toToken(stream, point));
  expect(read).toMatchObject({ kind: 'point', revision: 300n });
  expect(read.kind === 'point' && read.isOf(point.eventId)).toBe(true);
});

test('[TOK1] tokens differ by stream, revision and event', () => {
  const tokens = [
    toToken(stream, point),
    toToken(toStreamName('note', 'n2'), point),
    toToken(stream, { ...point, revision: 301n }),
    toToken(stream, { ...point, eventId: 'another' }),
  ];
  expect(new Set(tokens).size).toBe(4);
});

test('[TOK9] a token tells the event of another history at the same revision', () => {
  const read = readToken(stream, toToken(stream, point));
  expect(read.kind === 'point' && read.isOf('another')).toBe(false);
});

test('[TOK2] a token of another aggregate is told', () => {
  expect(readToken(toStreamName('note', 'n2'), toToken(stream, point)).kind).toBe('other-aggregate');
});

test('[TOK2] a token that is cut, lengthened or changed in a character is never taken for another state', () => {
  const token = toToken(stream, point);
  for (let length = 0; length < token.length; length++) {
    expect(readToken(stream, token.slice(0, length) as ConsistencyToken).kind).not.toBe('point');
  }
  expect(readToken(stream, `${token}AAAA` as ConsistencyToken).kind).toBe('malformed');
  expect(readToken(stream, `B${token.slice(1)}` as ConsistencyToken).kind).toBe('malformed');
  // A revision beyond what a number holds exactly.
  const huge = Buffer.concat([
    Buffer.from(token, 'base64url').subarray(0, 13),
    Buffer.alloc(9, 0xff),
    Buffer.of(1),
  ]);
  expect(readToken(stream, huge.toString('base64url') as ConsistencyToken).kind).toBe('malformed');
});
