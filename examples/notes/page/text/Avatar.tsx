import { colorOfPerson } from './colorOfPerson.ts';

/** A person's initials in their colour. */
export function Avatar({ name, label }: { name: string; label?: string }) {
  const described =
    label === undefined ? { 'aria-hidden': true } : { role: 'img', 'aria-label': label, title: label };
  return (
    <span className="avatar" style={{ backgroundColor: colorOfPerson(name) }} {...described}>
      {toInitials(name)}
    </span>
  );
}

function toInitials(name: string): string {
  const words = name.split(/\s+/).filter((word) => word !== '');
  const chosen = words.length > 1 ? [words[0], words[words.length - 1]] : words;
  return chosen.map(toInitial).join('').toUpperCase();
}

// A letter as people count them: an accent or a skin tone is part of it.
const LETTERS = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

function toInitial(word: string | undefined): string {
  return LETTERS.segment(word ?? '').containing(0)?.segment ?? '';
}
