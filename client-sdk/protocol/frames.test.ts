import { expect, test } from 'vitest';
import { decodeChannelFrame, encodeChannelFrame } from './channelFrame.ts';
import { decodeTextFrame, encodeTextFrame, type TextFrame } from './textFrame.ts';

const frames: TextFrame[] = [
  { kind: 'sync-step-1', stateVector: new Uint8Array([0]) },
  { kind: 'sync-step-2', update: new Uint8Array([0, 0]) },
  { kind: 'update', update: new Uint8Array(300).fill(7) },
  { kind: 'awareness', states: new Uint8Array([0]) },
  { kind: 'query-awareness' },
  { kind: 'saved', count: 70_000 },
];

test.each(frames)('[TXT15] a $kind frame reads as it was written', (frame) => {
  expect(decodeTextFrame(encodeTextFrame(frame))).toEqual(frame);
});

test.each(frames)('[TXT15] a $kind frame cut at any byte, or with a byte after it, is no frame', (frame) => {
  const bytes = encodeTextFrame(frame);
  for (let length = 0; length < bytes.length; length++) {
    expect(decodeTextFrame(bytes.subarray(0, length))).toBeUndefined();
  }
  expect(decodeTextFrame(new Uint8Array([...bytes, 0]))).toBeUndefined();
});

test.each([[[4]], [[0, 3, 0]], [[2, 0, 0]], [[99]], [[255, 255, 255, 255, 255, 255, 255, 255, 255]]])(
  '[TXT15] %j is no frame',
  (bytes) => {
    expect(decodeTextFrame(new Uint8Array(bytes))).toBeUndefined();
  },
);

test.each([0, 1, 127, 128, 4096, 2 ** 31])(
  '[SES5] a frame of channel %d reads as it was written',
  (channel) => {
    const frame = new Uint8Array([1, 2, 3]);
    expect(decodeChannelFrame(encodeChannelFrame({ channel, frame }))).toEqual({ channel, frame });
  },
);

test('[SES5] bytes without a whole channel number are no frame of a channel', () => {
  expect(decodeChannelFrame(new Uint8Array())).toBeUndefined();
  expect(decodeChannelFrame(new Uint8Array([0x80]))).toBeUndefined();
});
