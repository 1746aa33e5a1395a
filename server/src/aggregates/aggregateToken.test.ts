import type { ConsistencyToken } from '@weft/client/protocol';
import { consistencyTokenSchema } from '@weft/client/protocol';
import { expect, test } from 'vitest';
import { toStreamName } from '../event-store/streamName.ts';
import { readToken, toToken } from './aggregateToken.ts';

const stream = toStreamName('note', 'n1');
const point = { revision: 300n, eventId: '5b0e9dd0-0000-4000-8000-000000000001' };

test('[TOK1] a token is read as the state it was made of', () => {
  const read = readToken(toToken(stream, point));
  expect(read).toMatchObject({ stream, revision: 300n });
  expect(read?.isOf(point.eventId)).toBe(true);
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

test('[TOK1] a token of the longest names is one that messages and headers take', () => {
  const longest = toToken(toStreamName('n'.repeat(64), 'i'.repeat(128)), {
    revision: 2n ** 48n - 1n,
    eventId: point.eventId,
  });
  expect(consistencyTokenSchema.safeParse(longest).success).toBe(true);
});

test('[TOK9] a token tells the event of another history at the same revision', () => {
  expect(readToken(toToken(stream, point))?.isOf('another')).toBe(false);
});

test('[TOK2] a token that is cut, lengthened or of another format is never taken for its state', () => {
  const token = toToken(stream, point);
  const others = [
    ...Array.from(token, (_, length) => token.slice(0, length)),
    `${token}AAAA`,
    `${token}=`,
    `${token.slice(0, 4)}.${token.slice(4)}`,
  ];
  for (const other of others) {
    const read = readToken(other as ConsistencyToken);
    expect(read?.stream === stream && read.isOf(point.eventId)).toBe(false);
  }
  expect(readToken(`B${token.slice(1)}` as ConsistencyToken)).toBeUndefined();
  expect(readToken(token.slice(0, 16) as ConsistencyToken)).toBeUndefined();
});

test('[TOK2] [TOK9] a token with any bit changed is never taken for the state it was made of', () => {
  const bytes = Buffer.from(toToken(stream, point), 'base64url');
  for (let bit = 0; bit < bytes.length * 8; bit++) {
    const forged = Buffer.from(bytes);
    forged[bit >> 3] = (forged[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    const read = readToken(forged.toString('base64url') as ConsistencyToken);
    const isTaken = read?.stream === stream && read.revision === point.revision && read.isOf(point.eventId);
    expect(isTaken).toBe(false);
  }
});
