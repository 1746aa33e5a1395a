import type { Report } from '../lifecycle/clientReport.ts';
import { Listeners } from '../lifecycle/listeners.ts';
import { waitUntil } from '../lifecycle/waitUntil.ts';
import type { LiveText } from './liveText.ts';
import type { TextHandle, TextState } from './textHandle.ts';

export type TextHandleOptions = {
  readonly text: LiveText;
  readonly report: Report;
  /** Called once. */
  readonly onClose: () => void;
};

const NORMAL_CLOSURE = 1000;

/** What an application holds of a text. Its members need no `this`, so that they can be passed on. */
export function createTextHandle({ text, report, onClose }: TextHandleOptions): TextHandle {
  const listeners = new Listeners(report);
  const ended = new AbortController();
  let closed: TextState | undefined;
  const peek = () => closed ?? text.state;
  const subscribe = (listener: () => void) => listeners.add(listener);
  text.hold(() => listeners.emit());

  function close(): void {
    if (closed) return;
    const { saveState } = text.state;
    const reason = 'closed by the application';
    closed = Object.freeze({ status: 'closed', code: NORMAL_CLOSURE, reason, saveState });
    ended.abort(new Error('the text is closed'));
    onClose();
    text.release();
    listeners.emit();
    listeners.clear();
  }

  return {
    ytext: text.ytext,
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
