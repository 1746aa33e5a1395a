import { vi } from 'vitest';
import * as Y from 'yjs';
import type { TextFrame } from '../../protocol/textFrame.ts';
import type { FakeServer } from './fakeServer.ts';

export type FakeRoomOptions = {
  /** Default: `body`. */
  readonly field?: string;
  /** Default: the first. */
  readonly epoch?: string;
};

/** The server's end of a note's text, played by hand: it says that an update is saved when a test wants it to. */
export function createFakeRoom(server: FakeServer, { field = 'body', epoch = '0' }: FakeRoomOptions = {}) {
  const doc = new Y.Doc();
  let channel = 0;
  let handled = 0;
  let updates = 0;

  /** The newest channel that was asked for; their numbers only grow. */
  function findAsked(): number {
    const asked = server.all('open-text').findLast((message) => message.field === field);
    if (!asked || asked.channel <= channel) throw new Error('the client asks for no text');
    return asked.channel;
  }

  function answer(frame: TextFrame): void {
    if (frame.kind === 'sync-step-1') {
      const update = Y.encodeStateAsUpdate(doc, frame.stateVector);
      server.sayFrame(channel, { kind: 'sync-step-2', update });
    }
    if (frame.kind === 'sync-step-2' || frame.kind === 'update') {
      Y.applyUpdate(doc, frame.update);
      updates++;
    }
  }

  const room = {
    doc,
    text: () => doc.getText(field).toJSON(),
    get channel() {
      return channel;
    },
    /** Update frames that came on this channel. */
    get updates() {
      return updates;
    },
    /** Waits until the client asks for the text, and lets it in, without answering anything yet. */
    open: async (): Promise<void> => {
      channel = await vi.waitFor(findAsked, { interval: 1 });
      handled = server.socket.frames.length;
      updates = 0;
      server.say({ type: 'text-opened', channel, epoch });
      server.sayFrame(channel, { kind: 'sync-step-1', stateVector: Y.encodeStateVector(doc) });
    },
    /** Frames on the channel that `answer` has not looked at. */
    newFrames: (): TextFrame[] => {
      const frames = server.socket.frames.slice(handled).filter((sent) => sent.channel === channel);
      return frames.map(({ frame }) => frame);
    },
    /** Takes in what has come. */
    answer: (): void => {
      const frames = room.newFrames();
      handled = server.socket.frames.length;
      for (const frame of frames) answer(frame);
    },
    /** Ends the channel. */
    end: (code: number, reason: string): void => server.say({ type: 'text-closed', channel, code, reason }),
    save: (count = updates): void => server.sayFrame(channel, { kind: 'saved', count }),
    /** Somebody else types at the end. */
    type: (text: string): void => {
      const before = Y.encodeStateVector(doc);
      const ytext = doc.getText(field);
      ytext.insert(ytext.length, text);
      room.show(Y.encodeStateAsUpdate(doc, before));
    },
    /** Shows an update of `doc` to the client. */
    show: (update: Uint8Array): void => server.sayFrame(channel, { kind: 'update', update }),
  };
  return room;
}
