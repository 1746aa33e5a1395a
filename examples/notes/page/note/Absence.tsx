import type { ReactNode } from 'react';

/** In place of a note that is not there. */
export function Absence({ title, children }: { title: string; children: ReactNode }) {
  return (
    <div className="absence">
      <h1>{title}</h1>
      <p>{children}</p>
      <a className="button" href="#/">
        Show all notes
      </a>
    </div>
  );
}
