import * as prng from 'lib0/prng';
import { describe, expect, it } from 'vitest';
import { decodeTextState, encodeTextState, FIRST_EPOCH, type TextState } from './textState.ts';

const EMPTY: TextState = {
  epoch: FIRST_EPOCH,
  owners: new Map(),
  retired: new Set(),
  update: Uint8Array.of(0, 0),
};

const FULL: TextState = {
  epoch: '7b5de93a-0a5e-4bb4-8f56-9b6f2ac0c8d1',
  owners: new Map([
    [4_294_967_295, 'ada'],
    [0, 'ben ☕'],
    [7, 'ada'],
    [2 ** 53 - 1, ''],
  ]),
  retired: new Set([9, 3, 4_000_000_000]),
  update: Uint8Array.of(0, 0, 1, 2, 3),
};

describe('an encoded state of a text', () => {
  it.each([EMPTY, FULL, { ...FULL, update: new Uint8Array(0) }])(
    'is the same when it is decoded',
    (state) => {
      expect(decodeTextState(encodeTextState(state))).toEqual(state);
    },
  );

  it('takes at most five bytes a client id, and names a user once', () => {
    const random = prng.create(1);
    const clients = Array.from({ length: 1000 }, () => prng.uint32(random, 0, 2 ** 32 - 1));
    const owners = new Map(clients.map((client) => [client, 'a user with a long name'] as const));
    expect(encodeTextState({ ...EMPTY, owners }).byteLength).toBeLessThan(1000 * 4 + 50);
  });

  it('is nothing where it is cut before its update, or of another version', () => {
    const { byteLength } = encodeTextState({ ...FULL, update: new Uint8Array(0) });
    const encoded = encodeTextState(FULL);
    for (let length = 0; length < byteLength; length++) {
      expect(decodeTextState(encoded.subarray(0, length))).toBeUndefined();
    }
    expect(decodeTextState(Uint8Array.of(2, ...encoded.subarray(1)))).toBeUndefined();
  });

  it('is nothing where it claims more than there is', () => {
    // Four thousand million users, and as many client ids.
    expect(decodeTextState(Uint8Array.of(1, 1, 48, 255, 255, 255, 255, 15))).toBeUndefined();
    expect(decodeTextState(Uint8Array.of(1, 1, 48, 0, 255, 255, 255, 255, 15, 1))).toBeUndefined();
  });
});
