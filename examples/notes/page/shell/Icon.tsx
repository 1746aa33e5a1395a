const PATHS = {
  back: 'M15 5l-7 7 7 7',
  cross: 'M6 6l12 12M18 6L6 18',
  plus: 'M12 5v14M5 12h14',
  trash: 'M4 7h16M10 4h4M6 7l1 13h10l1-13M10 11v5M14 11v5',
  pencil: 'M5 19l1-4L16 5l3 3L9 18z',
  undo: 'M8 4L4 8l4 4M4 8h9a6 6 0 0 1 0 12H9',
  redo: 'M16 4l4 4-4 4M20 8h-9a6 6 0 0 0 0 12h4',
  arrow: 'M5 12h13M13 7l5 5-5 5',
} as const;

/** A drawing beside a label that says the same. */
export function Icon({ name }: { name: keyof typeof PATHS }) {
  return (
    <svg className="icon" viewBox="0 0 24 24" aria-hidden="true">
      <path d={PATHS[name]} />
    </svg>
  );
}
