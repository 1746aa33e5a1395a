interface Props {
  name: string;
  color?: string;
  /** What it is called, where no name stands beside it. */
  label?: string;
}

/** A person's initials, in their colour where it tells them apart. */
export function Avatar({ name, color, label }: Props) {
  const described =
    label === undefined ? { 'aria-hidden': true } : { role: 'img', 'aria-label': label, title: label };
  return (
    <span className="avatar" style={{ backgroundColor: color }} {...described}>
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
