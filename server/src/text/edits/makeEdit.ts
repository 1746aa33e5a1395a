import type { TextKind } from '@weft/client/protocol';
import * as Y from 'yjs';
import { applyContent } from './applyContent.ts';
import { mergeUpdates } from '../update/mergeUpdates.ts';
import { applySpans, type JudgedSpans, judgeSpans, toSpans } from './applySpans.ts';
import { parseContent } from './parseContent.ts';
import type { TextEdit } from './textEdit.ts';
import { toPlainText } from './toPlainText.ts';

/** An edit to be made of a text. */
export type EditOrder = {
  /** The whole text that it is made from, as one update. */
  readonly whole: Uint8Array;
  /** The root type's name. */
  readonly field: string;
  readonly kind: TextKind;
  readonly edit: TextEdit;
  /** The client id that it is made under, once. Default: the author's. */
  readonly client?: number | undefined;
  /** Whom it continues, where all that this one wrote is in the text. Default: nobody, under a random client id. */
  readonly author?: EditAuthor | undefined;
};

/** A client id that the server edits under, and the clock that comes next. */
export type EditAuthor = { readonly client: number; readonly clock: number };

export type MadeEdit =
  /** All of it is one update, of the author as it is then. */
  | { readonly outcome: 'made'; readonly update: Uint8Array; readonly author: EditAuthor }
  /** The text is so already. `mark`: what to store so that the text holds its client all the same, if it has one. */
  | { readonly outcome: 'unchanged'; readonly mark?: Uint8Array }
  /** The text holds what this client made. */
  | { readonly outcome: 'repeated' }
  | { readonly outcome: 'invalid'; readonly detail: string };

/** Makes an edit as a client would that was offline since. Throws where the text is damaged. */
export function makeEdit({ whole, client, author, ...order }: EditOrder): MadeEdit {
  const doc = new Y.Doc();
  try {
    Y.applyUpdate(doc, whole);
    if (client !== undefined) {
      if (doc.store.clients.has(client)) return { outcome: 'repeated' };
      doc.clientID = client;
    } else if (author) continueAs(author, doc);
    const change = toChange(doc, order);
    if (typeof change === 'string') return { outcome: 'invalid', detail: change };
    const updates: Uint8Array[] = [];
    doc.on('update', (update: Uint8Array) => updates.push(update));
    doc.transact(change);
    const isUnchanged = updates.length === 0;
    if (client !== undefined && Y.getState(doc.store, client) === 0) leaveMark(doc, order);
    if (isUnchanged) return { outcome: 'unchanged', ...(updates[0] && { mark: updates[0] }) };
    const made = { client: doc.clientID, clock: Y.getState(doc.store, doc.clientID) };
    return { outcome: 'made', update: mergeUpdates(updates), author: made };
  } finally {
    doc.destroy();
  }
}

function continueAs({ client, clock }: EditAuthor, doc: Y.Doc): void {
  if (Y.getState(doc.store, client) === clock) doc.clientID = client;
}

/**
 * What only deletes writes nothing under its own client id, by which it is known when it is repeated. A character that
 * is deleted in the same moment is never seen, and stays for good.
 */
function leaveMark(doc: Y.Doc, { field, kind }: Pick<EditOrder, 'field' | 'kind'>): void {
  doc.transact(() => {
    const root = toRoot(doc, { field, kind });
    root.insert(0, ' ');
    root.delete(0, 1);
  });
}

/** Nodes stand in a text as they do in a fragment: only the methods of the two differ. */
function toRoot(doc: Y.Doc, { field, kind }: Pick<EditOrder, 'field' | 'kind'>): Y.Text {
  return kind === 'text' ? doc.getText(field) : doc.get(field, Y.XmlText);
}

/** What carries out the edit, or what is wrong with it. */
function toChange(
  doc: Y.Doc,
  { field, kind, edit }: Pick<EditOrder, 'field' | 'kind' | 'edit'>,
): (() => void) | string {
  if (edit.kind === 'content') {
    const parsed = parseContent(edit.content, kind);
    if (!parsed.ok) return parsed.detail;
    return () => applyContent(toRoot(doc, { field, kind }), parsed.content);
  }
  if (kind === 'rich-text') return 'a rich text is edited by its content';
  const base = toPlainText(doc.share.get(field));
  const judged = edit.kind === 'edits' ? judgeSpans(edit.edits, base) : judgeText(base, edit.text);
  return judged.ok ? () => applySpans(doc.getText(field), judged.spans) : judged.detail;
}

function judgeText(base: string, text: string): JudgedSpans {
  return text.isWellFormed()
    ? { ok: true, spans: toSpans(base, text) }
    : { ok: false, detail: 'the text has half a character' };
}
