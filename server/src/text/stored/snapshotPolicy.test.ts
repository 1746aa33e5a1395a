import { describe, expect, it } from 'vitest';
import { isSnapshotDue } from './snapshotPolicy.ts';

const KIB = 1024;
const MIB = 1024 * KIB;

describe('the snapshot policy', () => {
  it.each([
    { case: 'nothing new', updates: 0, bytes: 0, size: 0, isLeft: true, due: false },
    {
      case: 'a small text left with few updates',
      updates: 20,
      bytes: KIB,
      size: KIB,
      isLeft: true,
      due: false,
    },
    { case: 'a small text left with more', updates: 21, bytes: KIB, size: KIB, isLeft: true, due: true },
    { case: 'a large text left with one update', updates: 1, bytes: 20, size: MIB, isLeft: true, due: false },
    { case: 'a large text left with many', updates: 85, bytes: KIB, size: MIB, isLeft: true, due: true },
    { case: 'a small text in use', updates: 999, bytes: 20 * KIB, size: 0, isLeft: false, due: false },
    { case: 'a small text much typed in', updates: 1000, bytes: 20 * KIB, size: 0, isLeft: false, due: true },
    { case: 'a large text in use', updates: 2000, bytes: 40 * KIB, size: MIB, isLeft: false, due: false },
    {
      case: 'a large text much typed in',
      updates: 2024,
      bytes: 40 * KIB,
      size: MIB,
      isLeft: false,
      due: true,
    },
    { case: 'a paste', updates: 1, bytes: 300 * KIB, size: 0, isLeft: false, due: true },
    { case: 'a paste into a large text', updates: 1, bytes: 300 * KIB, size: MIB, isLeft: false, due: false },
  ])('[TXT10] $case: $due', ({ updates, bytes, size, isLeft, due }) => {
    expect(isSnapshotDue({ updates, bytes, size, isLeft })).toBe(due);
  });
});
