import type { Report } from '../lifecycle/clientReport.ts';
import { Listeners } from '../lifecycle/listeners.ts';
import { waitUntil } from '../lifecycle/waitUntil.ts';
import type { LiveText } from './liveText.ts';
import type { TextKind } from '../../protocol/aggregateDefinition.ts';
import type { TextHandle, TextState } from './textHandle.ts';

export type TextHandleOptions = {
  readonly text: LiveText;
  readonly report: Report;
  /** Called once. */
  readonly onClose: () => void;
};

const NORMAL_CLOSURE = 1000;

/** What an application holds of a text. Its members need no `this`, so that they can be passed on. */
export function createTextHandle({ text, report, onClose }: TextHandleOptions): TextHandle<TextKind> {
  const listeners = new Listeners(report);
  const ended = new AbortController();
  let closed: TextState | undefined;
  const peek = () => closed ?? text.state;
  const subscribe = (listener: () => void) => listeners.add(listener);
  text.hold(() => listeners.emit());

  function close(): void {
    if (closed) return;
    closed = toClosed(text.state);
    ended.abort(new Error('the text is closed'));
    onClose();
    text.release();
    listeners.emit();
    listeners.clear();
  }

  return {
    ...text.root,
    doc: text.doc,
    awareness: text.awareness,
    undo: text.undo,
    peek,
    subscribe,
    whenSynced: ({ signal } = {}) =>
      waitUntil({
        read: () => (peek().status === 'synced' || peek().status === 'closed' ? peek() : undefined),
        subscribe,
        signals: [signal, ended.signal],
      }),
    close,
    [Symbol.asyncDispose]: () => {
      close();
      return Promise.resolve();
    },
  };
}

/** What the server closed stays so: its code, and what could be rescued, may still be asked for. */
function toClosed(state: TextState): TextState {
  if (state.status === 'closed') return state;
  const { saveState, epoch } = state;
  const reason = 'closed by the application';
  return Object.freeze({ status: 'closed', code: NORMAL_CLOSURE, reason, saveState, epoch });
}
