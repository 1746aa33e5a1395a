import type { Peer } from '@weft/client/react';
import { Avatar } from './Avatar.tsx';

const MAX_AVATARS = 5;

/** The people who have the note open, oneself first; whoever has it open twice is one of them. */
export function Presence({ peers }: { peers: readonly Peer[] }) {
  const people = peers.filter(({ user }, at) => peers.findIndex((other) => other.user.id === user.id) === at);
  const hidden = people.length - MAX_AVATARS;
  return (
    <ul className="presence" aria-label="People here">
      {people.slice(0, MAX_AVATARS).map(({ user, isSelf }) => (
        <li key={user.id}>
          <Avatar name={user.name} color={user.color} label={isSelf ? `${user.name} (you)` : user.name} />
        </li>
      ))}
      {hidden > 0 && <li className="presence-more">+{hidden}</li>}
    </ul>
  );
}
