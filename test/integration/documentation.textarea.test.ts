import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { TextHandle } from '@weft/client';
import { Window } from 'happy-dom';
import { expect, onTestFinished, test } from 'vitest';
import * as Y from 'yjs';
import { readPageFiles, writeFiles } from '../support/pageFiles.ts';
import { createSeededRandom } from '../support/seededRandom.ts';
import { createTemporaryFolder } from '../support/temporaryFolder.ts';

type Bind = (area: HTMLTextAreaElement, text: TextHandle) => () => void;

/** A textarea as the page on editors binds it, on a document that somebody else edits too. */
async function openTextarea(initial: string) {
  const file = readPageFiles('docs/how-to/editors.md').get('bindTextarea.ts') ?? '';
  const folder = await createTemporaryFolder();
  writeFiles(folder, [['bindTextarea.ts', file]]);
  const { bindTextarea } = (await import(pathToFileURL(join(folder, 'bindTextarea.ts')).href)) as {
    bindTextarea: Bind;
  };
  const window = new Window();
  const doc = new Y.Doc();
  const ytext = doc.getText('body');
  ytext.insert(0, initial);
  const undo = new Y.UndoManager(ytext, { trackedOrigins: new Set([Object]) });
  const cursors: unknown[] = [];
  const text = { doc, ytext, undo, setCursor: (cursor: unknown) => cursors.push(cursor) };
  const area = window.document.createElement('textarea');
  window.document.body.append(area);
  const stop = bindTextarea(area as unknown as HTMLTextAreaElement, text as unknown as TextHandle);
  onTestFinished(async () => {
    doc.destroy();
    await window.happyDOM.close();
  });
  return { window, area, doc, ytext, undo, cursors, stop };
}

type Textarea = Awaited<ReturnType<typeof openTextarea>>;

/** What a keyboard does: replaces the selection. */
function type({ area, window }: Textarea, text: string): void {
  const { value, selectionStart, selectionEnd } = area;
  area.value = value.slice(0, selectionStart) + text + value.slice(selectionEnd);
  area.setSelectionRange(selectionStart + text.length, selectionStart + text.length);
  area.dispatchEvent(new window.Event('input'));
}

function fire({ area, window }: Textarea, name: string): void {
  area.dispatchEvent(new window.Event(name));
}

test('[TXT21] a textarea as the page shows it writes what is typed, and keeps the cursor beside what others type', async () => {
  const textarea = await openTextarea('good morning');
  const { area, ytext } = textarea;
  area.setSelectionRange(4, 4);
  type(textarea, '!');
  expect(ytext.toString()).toBe('good! morning');

  ytext.insert(0, 'a very ');
  expect(area.value).toBe('a very good! morning');
  expect(area.selectionStart).toBe('a very good!'.length);
  ytext.delete(0, 'a very goo'.length);
  expect([area.value, area.selectionStart]).toEqual(['d! morning', 2]);
  ytext.insert(2, ' this');
  expect([area.value, area.selectionStart]).toEqual(['d! this morning', 2]);

  area.setSelectionRange(3, 7);
  ytext.delete(0, 5);
  expect(area.value.slice(area.selectionStart, area.selectionEnd)).toBe('is');
  type(textarea, '');
  expect(ytext.toString()).toBe(' morning');
});

test('[TXT21] of equal letters in a textarea, the one at the cursor is the one that was typed', async () => {
  const textarea = await openTextarea('aaaa');
  const place = Y.createRelativePositionFromTypeIndex(textarea.ytext, 1, -1);
  textarea.area.setSelectionRange(1, 1);
  type(textarea, 'a');
  const found = Y.createAbsolutePositionFromRelativePosition(place, textarea.doc);
  expect([textarea.ytext.toString(), found?.index]).toEqual(['aaaaa', 1]);

  const pair = await openTextarea('😀😁');
  pair.area.setSelectionRange(0, 2);
  const deltas: unknown[] = [];
  pair.ytext.observe(({ delta }) => deltas.push(delta));
  type(pair, '😁');
  expect(pair.ytext.toString()).toBe('😁😁');
  expect(JSON.stringify(deltas)).not.toContain('\\ud83d"');
});

test('[TXT21] what others type waits until an input method has composed', async () => {
  const textarea = await openTextarea('one three');
  const { area, ytext } = textarea;
  area.setSelectionRange(4, 4);
  fire(textarea, 'compositionstart');
  type(textarea, 'tw');
  ytext.insert(0, 'zero ');
  type(textarea, 'o ');
  expect([area.value, ytext.toString()]).toEqual(['one two three', 'zero one three']);
  fire(textarea, 'compositionend');
  expect([area.value, ytext.toString()]).toEqual(['zero one two three', 'zero one two three']);
  expect(area.selectionStart).toBe('zero one two '.length);
});

test('[TXT21] a textarea that is let go neither writes nor shows any more', async () => {
  const textarea = await openTextarea('as it was');
  textarea.stop();
  type(textarea, '!');
  expect(textarea.ytext.toString()).toBe('as it was');
  textarea.ytext.insert(0, '?');
  expect(textarea.area.value).not.toContain('?');
  expect(textarea.cursors.at(-1)).toBeUndefined();
});

test('[TXT21] whatever is typed into a textarea and beside it, both end as one', async () => {
  const random = createSeededRandom();
  const textarea = await openTextarea('begin');
  const { area, ytext } = textarea;
  const pieces = ['a', 'aa', '😀', '\n', ''];
  // A caret never stands between the two halves of a character.
  const place = (least: number, most: number) => {
    const at = Math.min(ytext.length, least + random.integer(most - least + 1));
    return /[\uDC00-\uDFFF]/.test(ytext.toString()[at] ?? '') ? at - 1 : at;
  };
  for (let step = 0; step < 400; step++) {
    const piece = random.oneOf(pieces);
    const from = place(0, ytext.length);
    const to = place(from, from + 3);
    if (random.oneOf([true, false])) {
      area.setSelectionRange(from, to);
      type(textarea, piece);
    } else {
      ytext.delete(from, to - from);
      ytext.insert(from, piece);
    }
    expect(area.value).toBe(ytext.toString());
  }
});
