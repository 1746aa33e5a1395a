import { describe, expect, it } from 'vitest';
import { createPendingBytes } from './pendingBytes.ts';

describe('the bytes that wait for the store', () => {
  it('[TXT18] have room up to their limit, and again when some are stored', () => {
    const pending = createPendingBytes(100);
    expect([pending.hasRoomFor(100), pending.hasRoomFor(101)]).toEqual([true, false]);
    pending.add(60);
    pending.add(30);
    expect([pending.total, pending.hasRoomFor(10), pending.hasRoomFor(11)]).toEqual([90, true, false]);
    pending.remove(60);
    expect([pending.total, pending.hasRoomFor(70), pending.hasRoomFor(71)]).toEqual([30, true, false]);
  });

  it('[TXT18] may be 256 MiB', () => {
    const pending = createPendingBytes();
    expect([pending.hasRoomFor(2 ** 28), pending.hasRoomFor(2 ** 28 + 1)]).toEqual([true, false]);
  });
});
