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
  /**
   * Updates of the author as it is then, each depending on those before it; none where the text is so already.
   */
  | {
      readonly outcome: 'made';
      readonly updates: readonly Uint8Array[];
      readonly author: EditAuthor;
    }
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
    change();
    const made = { client: doc.clientID, clock: Y.getState(doc.store, doc.clientID) };
    return { outcome: 'made', updates: groupUpdates(updates), author: made };
  } finally {
    doc.destroy();
  }
}

function continueAs({ client, clock }: EditAuthor, doc: Y.Doc): void {
  if (Y.getState(doc.store, client) === clock) doc.clientID = client;
}

/** What carries out the edit, or what is wrong with it. */
function toChange(
  doc: Y.Doc,
  { field, kind, edit }: Pick<EditOrder, 'field' | 'kind' | 'edit'>,
): (() => void) | string {
  if (edit.kind === 'content') {
    const parsed = parseContent(edit.content, kind);
    if (!parsed.ok) return parsed.detail;
    // Nodes stand in a text as they do in a fragment: only the methods of the two differ.
    const root = kind === 'text' ? doc.getText(field) : doc.get(field, Y.XmlText);
    return () => applyContent(root, parsed.content);
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

/** About the size of an update; far below what a frame may have, and below the most runs that one may. */
const MAX_GROUP_BYTES = 512 * 1024;

/** Many changes make many small updates; as few as are small enough to be sent do as well. */
function groupUpdates(updates: readonly Uint8Array[]): Uint8Array[] {
  const groups: Uint8Array[][] = [];
  let bytes = Infinity;
  for (const update of updates) {
    bytes += update.byteLength;
    const group = groups.at(-1);
    if (group && bytes <= MAX_GROUP_BYTES) {
      group.push(update);
    } else {
      groups.push([update]);
      bytes = update.byteLength;
    }
  }
  return groups.map(mergeUpdates);
}
