import { Mark } from './Mark.tsx';

export function Brand() {
  return (
    <a className="brand" href="#/" aria-label="Weft Notes">
      <Mark />
      <span>
        Weft <em>Notes</em>
      </span>
    </a>
  );
}
