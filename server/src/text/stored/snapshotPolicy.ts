/** What a text gathered since its last snapshot. */
export type SinceSnapshot = {
  readonly updates: number;
  readonly bytes: number;
  /** Bytes of the whole text. */
  readonly size: number;
  /** Whether nobody has it open any more. */
  readonly isLeft: boolean;
};

/** Whether it is time for a snapshot. */
export type SnapshotPolicy = (since: SinceSnapshot) => boolean;

const KIB = 1024;
const FEW_UPDATES = 20;

/**
 * A snapshot writes the whole text anew and spares the next opening the merging of what came since, so a large text
 * waits longer: written bytes stay in proportion to typed ones. What was left with a few updates keeps them, for edits
 * that are made from one of the versions between.
 */
export function isSnapshotDue({ updates, bytes, size, isLeft }: SinceSnapshot): boolean {
  if (isLeft) return updates > FEW_UPDATES + size / (16 * KIB);
  return updates >= 1000 + size / KIB || bytes >= 256 * KIB + size / 2;
}
