import type { Down } from '../protocol/messages/down.ts';
import type { Channels } from './connection/channels.ts';
import type { AggregateRegistry } from './fields/aggregateRegistry.ts';
import type { SendWindow } from './fields/sendWindow.ts';
import type { Report } from './lifecycle/clientReport.ts';
import type { ListRegistry } from './list/listRegistry.ts';

export type MessageReceivers = {
  readonly aggregates: AggregateRegistry;
  readonly lists: ListRegistry;
  readonly channels: Channels;
  readonly sending: SendWindow;
  readonly report: Report;
};

type Handlers = { readonly [Type in Down['type']]: (message: Extract<Down, { type: Type }>) => void };

/** Hands each message of a session to whom it concerns; what was closed meanwhile is not concerned any more. */
export function createMessageRouter(receivers: MessageReceivers): (message: Down) => void {
  const { aggregates, lists, channels, sending, report } = receivers;
  const handlers: Handlers = {
    // The connection takes these, and knows of every message that it came.
    welcome: () => undefined,
    renewed: () => undefined,
    pong: () => undefined,
    state: (message) => aggregates.find(message)?.followed.receiveState(message),
    changed: (message) => aggregates.find(message)?.followed.receiveChanged(message),
    outcome: ({ key, outcome }) => {
      const sender = sending.take(key);
      if (sender) sender.receiveOutcome(key, outcome);
      else report({ kind: 'invalid-message', detail: `no command waits for the outcome of ${key}` });
    },
    list: ({ aggregate, items }) => lists.find(aggregate)?.receiveList(items),
    'list-changed': ({ aggregate, change }) => lists.find(aggregate)?.receiveChange(change),
    'text-opened': ({ channel, epoch }) => channels.receiveOpened(channel, epoch),
    'text-closed': ({ channel, ...closed }) => channels.receiveClosed(channel, closed),
    error: ({ code, message }) => report({ kind: 'server-error', code, detail: message }),
  };
  return (message) => {
    // The table has each message's own handler, which TypeScript cannot tie to the message's own type.
    const handle = handlers[message.type] as (message: Down) => void;
    handle(message);
  };
}
