import { expect, it } from 'vitest';
import {
  noteClosed,
  noteEdit,
  noteOpened,
  noteReceived,
  noteSaved,
  noteSent,
  NOTHING_UNSAVED,
  type SavedCounter,
} from './savedCounter.ts';

/** What happened on a channel, in order; a number is what the server says is saved. */
type Happening =
  'edit' | 'open' | 'close' | 'send step 2' | 'send update' | 'send awareness' | 'synced' | number;

function apply(counter: SavedCounter, happening: Happening): SavedCounter {
  if (typeof happening === 'number') return noteSaved(counter, happening) ?? counter;
  switch (happening) {
    case 'edit':
      return noteEdit(counter);
    case 'open':
      return noteOpened(counter);
    case 'close':
      return noteClosed(counter);
    case 'send step 2':
      return noteSent(counter, 'sync-step-2');
    case 'send update':
      return noteSent(counter, 'update');
    case 'send awareness':
      return noteSent(counter, 'awareness');
    case 'synced':
      return noteReceived(counter, 'sync-step-2');
  }
}

const after = (...happenings: Happening[]) => happenings.reduce(apply, NOTHING_UNSAVED);

it.each<[string, Happening[]]>([
  ['nothing was edited', []],
  ['nothing was edited, and the channel is still being opened', ['open', 'send step 2']],
  ['every update is durable', ['open', 'send step 2', 'synced', 1, 'edit', 'send update', 2]],
  [
    'the server’s answer comes after the last word on what is saved',
    ['edit', 'open', 'send step 2', 1, 'synced'],
  ],
  [
    'an edit before the channel is in the step 2 that is durable',
    ['edit', 'open', 'send step 2', 'synced', 1],
  ],
  ['cursors are not counted', ['open', 'send step 2', 'synced', 'edit', 'send update', 'send awareness', 2]],
])('[TXT3] is saved where %s', (_why, happenings) => {
  expect(after(...happenings).isUnsaved).toBe(false);
});

it.each<[string, Happening[]]>([
  ['an edit was not sent', ['edit']],
  ['an edit is not durable', ['open', 'send step 2', 'synced', 1, 'edit', 'send update']],
  [
    'only the first of two updates is durable',
    ['open', 'send step 2', 'synced', 'edit', 'send update', 'send update', 2],
  ],
  ['our step 2, which has the older edits, was not sent', ['edit', 'open', 'synced', 'send update', 1]],
  [
    'the channel closed before the edit was durable',
    ['open', 'send step 2', 'synced', 'edit', 'send update', 'close'],
  ],
  [
    'the next channel has not saved what the last one left',
    ['edit', 'send update', 'close', 'open', 'synced', 'send step 2'],
  ],
])('[HAN7] is not saved where %s', (_why, happenings) => {
  expect(after(...happenings).isUnsaved).toBe(true);
});

it('[HAN11] takes no word for more than was sent, nor without a channel', () => {
  expect(noteSaved(after('open', 'send update'), 2)).toBeUndefined();
  expect(noteSaved(after('edit'), 0)).toBeUndefined();
});

it('[TXT3] never goes back', () => {
  const counter = after('open', 'send step 2', 'synced', 'edit', 'send update', 2);
  expect(noteSaved(counter, 1)?.channel?.saved).toBe(2);
});
