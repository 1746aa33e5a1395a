import type { Peer } from '@weft/client/react';
import { useList } from '@weft/client/react';
import { note } from '../../note.ts';
import type { NoteHandle } from '../weft.ts';
import { LineField } from './LineField.tsx';

const MAX_SUGGESTIONS = 50;

interface Props {
  handle: NoteHandle;
  peers: readonly Peer[];
}

/** Who is to do it: suggested are those who are here, and whoever the notes mention. */
export function AssigneeField({ handle, peers }: Props) {
  const { items } = useList(note);
  const here = peers.map(({ user }) => user.name);
  const mentioned = items.flatMap(({ by, fields }) => [by?.name, fields.assignee]);
  const names = new Set([...here, ...mentioned].filter((name) => typeof name === 'string' && name !== ''));
  const suggestions = ([...names] as string[]).slice(0, MAX_SUGGESTIONS);
  return <LineField handle={handle} field="assignee" placeholder="Nobody" suggestions={suggestions} />;
}
