/** A new note's id: not randomUUID, which a page served over plain HTTP within a network does not have. */
export function createNoteId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}
