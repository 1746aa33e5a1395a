const KEY = 'weft-notes.name';
const DYES = ['Indigo', 'Madder', 'Saffron', 'Weld', 'Woad', 'Cochineal', 'Ochre', 'Umber', 'Sepia', 'Teal'];
const ANIMALS = ['Heron', 'Otter', 'Wren', 'Lynx', 'Hare', 'Finch', 'Marten', 'Plover', 'Moth', 'Badger'];

/** The name of this browser's person; one is made up on the first visit. */
export function loadName(): string {
  try {
    const stored = localStorage.getItem(KEY)?.trim();
    if (stored) return stored;
  } catch {
    // A browser that forbids storage: the name lasts as long as the page.
  }
  const name = `${pick(DYES)} ${pick(ANIMALS)}`;
  storeName(name);
  return name;
}

export function storeName(name: string): void {
  try {
    localStorage.setItem(KEY, name);
  } catch {
    // As above: a name that cannot be kept is still the name for now.
  }
}

function pick(words: readonly string[]): string {
  return words[Math.floor(Math.random() * words.length)] ?? 'Somebody';
}
