import { userSchema } from '@weft/client/protocol';
import { useId, useState } from 'react';
import { Avatar } from '../text/Avatar.tsx';
import { Icon } from './Icon.tsx';

interface Props {
  name: string;
  /** Returns whether the name may be another now. */
  onRename(name: string): boolean;
}

/** The name under which one appears to others, and a form to change it. */
export function WhoAmI({ name, onRename }: Props) {
  const [isEditing, setEditing] = useState(false);
  if (isEditing) return <NameForm name={name} onRename={onRename} onClose={() => setEditing(false)} />;
  return (
    <button type="button" className="who" onClick={() => setEditing(true)}>
      <Avatar name={name} />
      <span className="visually-hidden">You are </span>
      <span className="who-name">{name}</span>
      <span className="visually-hidden">. Change your name</span>
      <Icon name="pencil" />
    </button>
  );
}

function NameForm({ name, onRename, onClose }: Props & { onClose(): void }) {
  const id = useId();
  const [text, setText] = useState(name);
  const [error, setError] = useState<string>();

  function submit() {
    const next = text.trim();
    if (next === name) return onClose();
    if (!userSchema.shape.name.safeParse(next).success)
      return setError('Between 1 and 80 characters, please.');
    if (!onRename(next)) return setError('Not before everything is saved and decided.');
    onClose();
  }

  return (
    <form
      className="who-form"
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
      onKeyDown={(event) => {
        if (event.key === 'Escape') onClose();
      }}
    >
      <label className="visually-hidden" htmlFor={id}>
        Your name
      </label>
      <input
        id={id}
        className="control"
        autoFocus
        autoComplete="nickname"
        value={text}
        aria-invalid={error !== undefined}
        aria-describedby={`${id}-error`}
        onFocus={(event) => event.target.select()}
        onChange={(event) => {
          setText(event.target.value);
          setError(undefined);
        }}
      />
      <button type="submit" className="button primary">
        Use name
      </button>
      <p className="field-error" id={`${id}-error`} role="alert">
        {error}
      </p>
    </form>
  );
}
