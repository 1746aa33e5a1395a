import type { Report } from '../lifecycle/clientReport.ts';
import { Listeners } from '../lifecycle/listeners.ts';
import { waitUntil } from '../lifecycle/waitUntil.ts';
import type { LiveText } from './liveText.ts';
import type { TextKind } from '../../protocol/aggregateDefinition.ts';
import { createPlainText } from './plainText.ts';
import { createPresence } from './presence.ts';
import type { OfEveryKind, TextHandle, TextState } from './textHandle.ts';

export type TextHandleOptions = {
  readonly text: LiveText;
  readonly report: Report;
  /** Called once. */
  readonly onClose: () => void;
};

const NORMAL_CLOSURE = 1000;

/** What an application holds of a text. Its members need no `this`, so that they can be passed on. */
export function createTextHandle({ text, report, onClose }: TextHandleOptions): TextHandle<TextKind> {
  const { root, awareness } = text;
  const { field } = text.target;
  const listeners = new Listeners(report);
  const ended = new AbortController();
  const { end: endPresence, ...presence } = createPresence({ awareness, root, field, report });
  let closed: TextState | undefined;
  const peek = () => closed ?? text.state;
  const subscribe = (listener: () => void) => listeners.add(listener);
  text.hold(() => listeners.emit());

  function close(): void {
    if (closed) return;
    closed = toClosed(text.state);
    ended.abort(new Error('the text is closed'));
    onClose();
    endPresence();
    text.release();
    listeners.emit();
    listeners.clear();
  }

  const common: OfEveryKind = {
    doc: text.doc,
    awareness,
    presence,
    undo: text.undo,
    peek,
    subscribe,
    whenSynced: ({ signal } = {}) =>
      waitUntil({
        read: () => (peek().status === 'synced' || peek().status === 'closed' ? peek() : undefined),
        subscribe,
        signals: [signal, ended.signal],
      }),
    dismissRescue: () => {
      if (!closed) text.dismissRescue();
    },
    close,
    [Symbol.asyncDispose]: () => {
      close();
      return Promise.resolve();
    },
  };
  if (!('ytext' in root)) return { ...root, ...common };
  return { ...root, ...createPlainText({ ytext: root.ytext, awareness, field }), ...common };
}

/** What the server closed stays so: its code, and what could be rescued, may still be asked for. */
function toClosed(state: TextState): TextState {
  if (state.status === 'closed') return state;
  const { status: _open, ...common } = state;
  return Object.freeze({
    ...common,
    status: 'closed',
    code: NORMAL_CLOSURE,
    reason: 'closed by the application',
  });
}
