import { expect, it, onTestFinished, vi } from 'vitest';
import { Awareness } from 'y-protocols/awareness';
import * as Y from 'yjs';
import type { ChannelHost } from '../connection/channelSocket.ts';
import { createChannelProvider, endChannelProvider } from './createChannelProvider.ts';

const host: ChannelHost = {
  whenMayOpen: () => () => undefined,
  openChannel: () => ({ send: () => undefined, close: () => undefined }),
  onOpened: () => undefined,
  onClosed: () => undefined,
  onSending: () => undefined,
  onReceived: () => undefined,
  onNonsense: () => undefined,
};

it('[HAN8] leaves it to the session to see that a server is gone, and so needs no timer', () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const doc = new Y.Doc();
  const awareness = new Awareness(doc);
  const timersBefore = vi.getTimerCount();
  const provider = createChannelProvider({
    target: { aggregate: 'note', id: 'n1', field: 'body' },
    doc,
    awareness,
    host,
  });
  expect(vi.getTimerCount()).toBe(timersBefore);
  endChannelProvider(provider);
  expect(vi.getTimerCount()).toBe(timersBefore);
  awareness.destroy();
});
