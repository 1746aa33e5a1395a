import { useSession } from '../session/SessionContext.ts';
import { usePeek } from '../useHandle.ts';
import type { SaveState } from '../weft.ts';

/** The worst of all notes that are open or still on their way; 'connecting' before anything was ever loaded. */
export function useSaveState(): SaveState | 'connecting' {
  const { weft, list, notes } = useSession();
  const connection = usePeek(weft.connection);
  const { status } = usePeek(list);
  const kept = usePeek(notes);
  if (connection.state === 'connecting' && status === 'loading') return 'connecting';
  if (connection.state !== 'online') return 'offline';
  const states = kept.map(({ state }) => state.saveState);
  if (states.includes('offline')) return 'offline';
  if (states.includes('saving')) return 'saving';
  return states.includes('refused') ? 'refused' : 'saved';
}
