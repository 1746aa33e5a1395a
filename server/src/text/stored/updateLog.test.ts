import { describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import { EMPTY_UPDATE } from '../update/mergeUpdates.ts';
import { UpdateLog } from './updateLog.ts';

function typeUpdates(count: number): Uint8Array[] {
  const doc = new Y.Doc();
  const updates: Uint8Array[] = [];
  doc.on('update', (update: Uint8Array) => updates.push(update));
  for (let index = 0; index < count; index++) doc.getText('body').insert(index, String(index % 10));
  return updates;
}

function read(update: Uint8Array): string {
  const doc = new Y.Doc();
  Y.applyUpdate(doc, update);
  return doc.getText('body').toJSON();
}

function textOf(count: number): string {
  return Array.from({ length: count }, (_, index) => index % 10).join('');
}

describe('the update log', () => {
  it('reads whole at any time', () => {
    const log = new UpdateLog(EMPTY_UPDATE);
    typeUpdates(250).forEach((update, index) => {
      log.append(update);
      if (index % 37 === 0) expect(read(log.whole())).toBe(textOf(index + 1));
    });
    expect(read(log.whole())).toBe(textOf(250));
    expect(log.whole()).toBe(log.whole());
    expect(log.size).toBe(log.whole().byteLength);
  });

  it('[TXT10] lets a snapshot replace what it was made of, and keeps what came meanwhile', () => {
    const updates = typeUpdates(30);
    const log = new UpdateLog(EMPTY_UPDATE);
    for (const update of updates.slice(0, 15)) log.append(update);

    const pinned = log.pin();
    for (const update of updates.slice(15)) log.append(update);
    expect(read(log.whole())).toBe(textOf(30));
    const doc = new Y.Doc();
    Y.applyUpdate(doc, pinned);
    const snapshot = Y.encodeStateAsUpdate(doc);
    log.replaceBase(snapshot);

    expect(read(pinned)).toBe(textOf(15));
    expect(read(log.whole())).toBe(textOf(30));
  });

  it('goes on as it was after a snapshot that was given up', () => {
    const updates = typeUpdates(30);
    const log = new UpdateLog(EMPTY_UPDATE);
    for (const update of updates.slice(0, 15)) log.append(update);
    log.pin();
    for (const update of updates.slice(15)) log.append(update);
    log.unpin();
    expect(read(log.whole())).toBe(textOf(30));
    expect(log.size).toBe(log.whole().byteLength);
  });
});
