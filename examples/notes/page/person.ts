const KEY = 'weft-notes.name';
const ANIMALS = ['Heron', 'Otter', 'Wren', 'Lynx', 'Hare', 'Finch', 'Marten', 'Plover', 'Moth', 'Badger'];

/** The name of this browser's person; one is made up on the first visit. */
export function loadName(): string {
  const name = attempt(() => localStorage.getItem(KEY)?.trim()) ?? '';
  if (name !== '') return name;
  return `Some ${ANIMALS[Math.floor(Math.random() * ANIMALS.length)] ?? 'body'}`;
}

export function storeName(name: string): void {
  attempt(() => localStorage.setItem(KEY, name));
}

/** A browser may forbid storage: then a name lasts as long as the page. */
function attempt<Result>(act: () => Result): Result | undefined {
  try {
    return act();
  } catch {
    return undefined;
  }
}
