import type { TextFrame } from '../../protocol/textFrame.ts';

/** What a channel has carried so far, as far as it tells what is saved. */
type ChannelCount = {
  /** Update frames (sync step 2 and update) sent. */
  readonly sent: number;
  /** How many of the first of them are durable. */
  readonly saved: number;
  /** Whether our answer to the server's sync step 1 is among the sent: then everything is. */
  readonly hasSentAll: boolean;
  /** Whether the server's answer to our sync step 1 came. */
  readonly isSynced: boolean;
};

/**
 * Whether a text has edits that are not durable yet. Edits made before the channel was open are not sent one by one:
 * they are in the sync step 2 of the next one.
 */
export type SavedCounter = { readonly isUnsaved: boolean; readonly channel: ChannelCount | undefined };

export const NOTHING_UNSAVED: SavedCounter = { isUnsaved: false, channel: undefined };

export function noteEdit(counter: SavedCounter): SavedCounter {
  return counter.isUnsaved ? counter : { ...counter, isUnsaved: true };
}

export function noteOpened({ isUnsaved }: SavedCounter): SavedCounter {
  return { isUnsaved, channel: { sent: 0, saved: 0, hasSentAll: false, isSynced: false } };
}

export function noteClosed({ isUnsaved }: SavedCounter): SavedCounter {
  return { isUnsaved, channel: undefined };
}

export function noteSent(counter: SavedCounter, kind: TextFrame['kind']): SavedCounter {
  const { channel } = counter;
  if (!channel || (kind !== 'sync-step-2' && kind !== 'update')) return counter;
  const hasSentAll = channel.hasSentAll || kind === 'sync-step-2';
  return { ...counter, channel: { ...channel, sent: channel.sent + 1, hasSentAll } };
}

export function noteReceived(counter: SavedCounter, kind: TextFrame['kind']): SavedCounter {
  const { channel } = counter;
  return channel && kind === 'sync-step-2' ? settle(counter, { ...channel, isSynced: true }) : counter;
}

/** The first `count` update frames are durable. Undefined where more are said to be than were sent. */
export function noteSaved(counter: SavedCounter, count: number): SavedCounter | undefined {
  const { channel } = counter;
  if (!channel || count > channel.sent) return undefined;
  return settle(counter, { ...channel, saved: Math.max(channel.saved, count) });
}

function settle(counter: SavedCounter, channel: ChannelCount): SavedCounter {
  const isAllSaved = channel.isSynced && channel.hasSentAll && channel.saved === channel.sent;
  return { isUnsaved: counter.isUnsaved && !isAllSaved, channel };
}
