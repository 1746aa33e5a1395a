import type { Awareness } from 'y-protocols/awareness';
import { isEqual } from '../../protocol/isEqual.ts';
import type { Report } from '../lifecycle/clientReport.ts';
import { Listeners } from '../lifecycle/listeners.ts';
import type { Peekable } from '../lifecycle/peekable.ts';
import { type Peer, toPeerUser } from './peer.ts';
import { type Selection, toIndex, toSelection } from './position.ts';
import type { TextRoot } from './textRoot.ts';

export type PresenceOptions = {
  readonly awareness: Awareness;
  readonly root: TextRoot;
  readonly field: string;
  readonly report: Report;
};

export type Presence = Peekable<readonly Peer[]> & {
  /** Idempotent: from then on nobody is there. */
  end(): void;
};

const NOBODY: readonly Peer[] = Object.freeze([]);

/** Who is in a text, this page first, then by client id. It is looked up when somebody asks, and once per change. */
export function createPresence({ awareness, root, field, report }: PresenceOptions): Presence {
  const { doc } = awareness;
  const listeners = new Listeners(report);
  let peers = NOBODY;
  let isStale = true;

  function noteChange(): void {
    isStale = true;
    listeners.emit();
  }

  function toCursor(value: unknown): Selection | undefined {
    const selection = 'ytext' in root ? toSelection(value, field) : undefined;
    if (!selection || !('ytext' in root)) return undefined;
    const [anchor, head] = [toIndex(selection.anchor, root.ytext), toIndex(selection.head, root.ytext)];
    return anchor === undefined || head === undefined ? undefined : { anchor, head };
  }

  function toPeers(): readonly Peer[] {
    const found = [...awareness.getStates()].flatMap(([clientId, state]) => {
      const user = toPeerUser(state.user);
      const isSelf = clientId === awareness.clientID;
      return user ? [{ clientId, isSelf, user, cursor: toCursor(state.cursor) }] : [];
    });
    return found.sort((a, b) => Number(b.isSelf) - Number(a.isSelf) || a.clientId - b.clientId);
  }

  awareness.on('change', noteChange);
  // What is typed moves the cursors behind it, of which their owners say nothing.
  if ('ytext' in root) doc.on('update', noteChange);

  return {
    peek: () => {
      if (!isStale) return peers;
      isStale = false;
      const next = toPeers();
      if (!isEqual(next, peers)) peers = Object.freeze(next);
      return peers;
    },
    subscribe: (listener) => listeners.add(listener),
    end: () => {
      awareness.off('change', noteChange);
      doc.off('update', noteChange);
      peers = NOBODY;
      isStale = false;
      listeners.emit();
      listeners.clear();
    },
  };
}
