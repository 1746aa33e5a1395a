import { useId, useRef, useState } from 'react';

interface Props {
  /** Says why there is a copy. */
  message: string;
  /** Where it is empty there is nothing to copy. */
  text: string;
  /** What follows when the copy is no longer needed here. */
  action: { readonly label: string; run(): void };
}

/** A copy of a text that the server does not have, to be taken elsewhere. */
export function KeptText({ message, text, action }: Props) {
  const id = useId();
  const area = useRef<HTMLTextAreaElement>(null);
  const [said, setSaid] = useState('');

  async function copy() {
    try {
      await navigator.clipboard.writeText(text);
      setSaid('Copied.');
    } catch {
      // A browser that lets no page write there, or a page without https.
      area.current?.select();
      setSaid('It is selected: copy it with the keyboard.');
    }
  }

  return (
    <section className="kept-text" aria-label="Kept copy">
      <p id={id} role="alert">
        {message}
      </p>
      {text !== '' && <textarea ref={area} readOnly rows={6} value={text} aria-labelledby={id} />}
      <div className="kept-text-actions">
        {text !== '' && (
          <button type="button" className="button" onClick={() => void copy()}>
            Copy text
          </button>
        )}
        <button type="button" className="button primary" onClick={() => action.run()}>
          {action.label}
        </button>
        <span role="status">{said}</span>
      </div>
    </section>
  );
}
