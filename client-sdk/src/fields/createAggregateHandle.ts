import type { AggregateDefinition } from '../../protocol/aggregateDefinition.ts';
import type { Report } from '../lifecycle/clientReport.ts';
import { Listeners } from '../lifecycle/listeners.ts';
import { waitUntil } from '../lifecycle/waitUntil.ts';
import type { AggregateCore } from './aggregateCore.ts';
import type { AggregateHandle } from './aggregateHandle.ts';

export type AggregateHandleOptions = {
  readonly definition: AggregateDefinition;
  readonly id: string;
  readonly core: AggregateCore;
  readonly report: Report;
  /** Called once. */
  readonly onClose: () => void;
};

const NO_FIELDS = Object.freeze({});

/** What an application holds of an aggregate. Its members need no `this`, so that they can be passed on. */
export function createAggregateHandle(options: AggregateHandleOptions): AggregateHandle<AggregateDefinition> {
  const { definition, id, core, report, onClose } = options;
  const listeners = new Listeners(report);
  const ended = new AbortController();
  const subscribe = (listener: () => void) => listeners.add(listener);
  core.hold(() => listeners.emit());

  function close(): void {
    if (ended.signal.aborted) return;
    ended.abort(closedError());
    listeners.clear();
    onClose();
    core.release();
  }

  function assertOpen(): void {
    if (ended.signal.aborted) throw closedError();
  }

  function closedError(): Error {
    return new Error(`the handle of ${definition.name} ${id} is closed`);
  }

  return {
    id,
    aggregate: definition.name,
    get status() {
      return core.state.status;
    },
    get fields() {
      return core.state.status === 'existing' ? core.state.fields : NO_FIELDS;
    },
    get token() {
      return core.state.status === 'existing' ? core.state.token : undefined;
    },
    get conflicts() {
      return core.state.conflicts;
    },
    get saveState() {
      return core.state.saveState;
    },
    peek: () => core.state,
    subscribe,
    whenReady: ({ signal } = {}) =>
      waitUntil({
        read: () => (core.isReady ? core.state : undefined),
        subscribe,
        signals: [signal, ended.signal],
      }),
    create: async (fields) => {
      assertOpen();
      return core.author.writer.create(fields);
    },
    change: async (patch, { seen } = {}) => {
      assertOpen();
      return core.author.writer.change(patch, seen);
    },
    delete: async ({ seen } = {}) => {
      assertOpen();
      return core.author.writer.delete(seen);
    },
    run: async (name, input, { seen } = {}) => {
      assertOpen();
      return core.author.writer.run({ name, input }, seen);
    },
    undo: async () => {
      assertOpen();
      return core.author.actions.move('undo');
    },
    redo: async () => {
      assertOpen();
      return core.author.actions.move('redo');
    },
    text: (field, { epoch } = {}) => {
      assertOpen();
      const declared = Object.hasOwn(definition.text, field) ? definition.text[field] : undefined;
      if (!declared) throw new TypeError(`${definition.name} has no text '${field}'`);
      return core.text({ field, kind: declared.kind, epoch });
    },
    close,
    [Symbol.asyncDispose]: () => {
      close();
      return Promise.resolve();
    },
  };
}
