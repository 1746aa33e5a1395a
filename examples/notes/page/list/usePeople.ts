import { useSession } from '../session/SessionContext.ts';
import { usePeek } from '../useHandle.ts';

/** Names to suggest as assignees: oneself, and whoever the notes mention. */
export function usePeople(): readonly string[] {
  const { name, list } = useSession();
  const { items } = usePeek(list);
  const mentioned = items.flatMap(({ by, fields }) => [by.name, fields.assignee ?? '']);
  return [...new Set([name, ...mentioned])].filter((person) => person !== '').slice(0, 50);
}
