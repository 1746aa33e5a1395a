/** Bytes of updates of all texts that may wait for the store. Beyond it, whoever sends more comes back later. */
const MAX_PENDING_BYTES = 256 * 1024 * 1024;

/** Counts what waits for the store in all texts together. */
export type PendingBytes = {
  readonly total: number;
  add(bytes: number): void;
  /** Of what was added. */
  remove(bytes: number): void;
  hasRoomFor(bytes: number): boolean;
};

export function createPendingBytes(limit = MAX_PENDING_BYTES): PendingBytes {
  let total = 0;
  return {
    get total() {
      return total;
    },
    add: (bytes) => {
      total += bytes;
    },
    remove: (bytes) => {
      total -= bytes;
    },
    hasRoomFor: (bytes) => total + bytes <= limit,
  };
}
