/** A new note's id: 16 random bytes in hexadecimal. */
export function createNoteId(): string {
  // Not randomUUID, which a page served over plain HTTP within a network does not have.
  return [...crypto.getRandomValues(new Uint8Array(16))]
    .map((byte) => byte.toString(16).padStart(2, '0'))
    .join('');
}
