import { describe, expect, it } from 'vitest';
import type { EncodedStoredEvent } from './encodedEvent.ts';
import { createLiveBuffer, MAX_BUFFERED_BYTES, MAX_BUFFERED_EVENTS } from './liveBuffer.ts';
import { toStreamName } from './streamName.ts';

function toEvent(place: number, size = 0): EncodedStoredEvent {
  const data = new Uint8Array(size);
  const [revision, position] = [BigInt(place), BigInt(place)];
  return {
    stream: toStreamName('note', '1'),
    revision,
    position,
    id: String(place),
    type: 'Happened',
    metadata: '',
    data,
  };
}

describe('a live buffer', () => {
  it('gives back what was pushed, in order', () => {
    const buffer = createLiveBuffer();
    buffer.push(toEvent(1));
    buffer.push(toEvent(2));
    expect([buffer.take(), buffer.take(), buffer.take()]).toEqual([toEvent(1), toEvent(2), undefined]);
  });

  it.each([
    ['events', MAX_BUFFERED_EVENTS, 0],
    ['bytes', 2, MAX_BUFFERED_BYTES / 2],
  ])('forgets all when it holds too many %s, and takes nothing until it is reset', (_, count, size) => {
    const buffer = createLiveBuffer();
    for (let place = 0; place < count; place += 1) buffer.push(toEvent(place, size));
    expect(buffer.hasOverflowed()).toBe(false);

    buffer.push(toEvent(count));
    buffer.push(toEvent(count + 1));
    expect(buffer.hasOverflowed()).toBe(true);
    expect(buffer.take()).toBeUndefined();

    buffer.reset();
    buffer.push(toEvent(9));
    expect(buffer.hasOverflowed()).toBe(false);
    expect(buffer.take()).toEqual(toEvent(9));
  });

  it('makes room as events are taken', () => {
    const buffer = createLiveBuffer();
    for (let place = 0; place < MAX_BUFFERED_EVENTS * 3; place += 1) {
      buffer.push(toEvent(place, MAX_BUFFERED_BYTES));
      expect(buffer.take()).toMatchObject({ revision: BigInt(place) });
    }
    expect(buffer.hasOverflowed()).toBe(false);
  });

  it('wakes who waits when something is pushed, forgotten, or asked for', async () => {
    const buffer = createLiveBuffer();
    for (const wake of [() => buffer.push(toEvent(1)), () => buffer.wake()]) {
      const waiting = buffer.waitForChange();
      wake();
      await waiting;
    }
    for (let place = 1; place < MAX_BUFFERED_EVENTS; place += 1) buffer.push(toEvent(place));
    const waiting = buffer.waitForChange();
    buffer.push(toEvent(0));
    await waiting;
    expect(buffer.hasOverflowed()).toBe(true);
  });
});
