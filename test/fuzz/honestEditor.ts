import type { TextKind } from '@weft/client/protocol';
import * as prng from 'lib0/prng';
import * as Y from 'yjs';
import type { SeededRandom } from '../support/seededRandom.ts';
import { FIELD } from './witness.ts';

const MOST_LENGTH = 200;
const STRINGS = ['a', 'word ', 'é–', '\u{1f600}', '\ud83d', '\u0000', '\u202e', 'e\u0301', '\n'];
const VALUES: readonly unknown[] = [true, null, 'red', 1.5, { deep: [1, { x: null }] }, [], ''];

export type HonestUpdate = { readonly isWhole: boolean; readonly update: Uint8Array };

/** Somebody who edits as an editor does, in a document of its own. */
export class HonestEditor {
  readonly doc = new Y.Doc({ guid: 'fuzz' });
  readonly #random: SeededRandom;
  readonly #kind: TextKind;
  #read = 0;
  readonly #undo: Y.UndoManager;
  #made: Uint8Array[] = [];

  constructor(kind: TextKind, random: SeededRandom, clientId: number) {
    this.#kind = kind;
    this.#random = random;
    this.doc.clientID = clientId;
    const root = kind === 'text' ? this.doc.getText(FIELD) : this.doc.getXmlFragment(FIELD);
    this.#undo = new Y.UndoManager(root, { captureTimeout: 0 });
    this.doc.on('update', (update: Uint8Array, origin: unknown) => {
      if (origin !== this) this.#made.push(update);
    });
  }

  /** Takes what everybody was shown and it has not read yet. */
  read(shown: readonly Uint8Array[]): void {
    for (const update of shown.slice(this.#read)) Y.applyUpdate(this.doc, update, this);
    this.#read = shown.length;
  }

  /** Edits once, or several times as somebody offline does. Gives what is to be sent. */
  edit(): readonly HonestUpdate[] {
    const times = this.#random.integer(6) === 0 ? 4 : 1;
    for (let time = 0; time < times; time++) this.doc.transact(() => this.#editOnce());
    const made = this.#made;
    this.#made = [];
    if (made.length === 0) return [];
    const way = this.#random.integer(8);
    if (way === 0) return [this.whole()];
    if (way < 4) return [{ isWhole: false, update: Y.mergeUpdates(made) }];
    return made.map((update) => ({ isWhole: false, update }));
  }

  /** What somebody sends who connects. */
  whole(): HonestUpdate {
    return { isWhole: true, update: Y.encodeStateAsUpdate(this.doc) };
  }

  destroy(): void {
    this.doc.destroy();
  }

  #editOnce(): void {
    const takesBack = this.#random.integer(12);
    if (takesBack === 0) this.#undo.undo();
    else if (takesBack === 1) this.#undo.redo();
    else this.#editSomewhere();
  }

  #editSomewhere(): void {
    if (this.#kind === 'text') this.#editText(this.doc.getText(FIELD));
    else this.#editFragment(this.doc.getXmlFragment(FIELD));
  }

  #editText(text: Y.Text): void {
    const { length } = text;
    const at = this.#random.integer(length + 1);
    const some = Math.min(1 + this.#random.integer(8), length - at);
    const kind = length > MOST_LENGTH ? 7 : this.#random.integer(10);
    if (kind < 4) text.insert(at, prng.word(this.#random.source, 1, 9));
    else if (kind === 4) text.insert(at, this.#random.oneOf(STRINGS));
    else if (kind === 5) text.insertEmbed(at, { image: this.#random.oneOf(VALUES) }, this.#attributes());
    else if (kind === 6 && some > 0) text.format(at, some, this.#attributes());
    else if (kind < 9) text.delete(at, length > MOST_LENGTH ? length - at : some);
    else text.insert(at, 'styled', this.#attributes());
  }

  #attributes(): Record<string, unknown> {
    return { [this.#random.oneOf(['bold', 'color', 'x'])]: this.#random.oneOf(VALUES) };
  }

  #editFragment(fragment: Y.XmlFragment): void {
    const parents = listTypes(fragment);
    const target = this.#random.oneOf(parents);
    if (target instanceof Y.XmlText) return this.#editXmlText(target);
    if (target instanceof Y.XmlElement && this.#random.integer(3) === 0)
      return this.#editAttributes(target as Y.XmlElement);
    if (!(target instanceof Y.XmlFragment)) return;
    const at = this.#random.integer(target.length + 1);
    if (parents.length > 30 || (this.#random.integer(5) === 0 && at < target.length)) {
      if (target.length > 0) target.delete(Math.min(at, target.length - 1), 1);
    } else {
      target.insert(at, [this.#createNode()]);
    }
  }

  /** As Lexical does: maps beside the words, and texts in texts. */
  #editXmlText(text: Y.XmlText): void {
    const at = this.#random.integer(text.length + 1);
    const choice = this.#random.integer(12);
    if (choice === 0) text.insertEmbed(at, new Y.Map(Object.entries({ __type: 'text', __format: 1 })));
    else if (choice === 1) text.insertEmbed(at, new Y.XmlText('inner'));
    else if (choice === 2) text.setAttribute('__dir', this.#random.oneOf(['ltr', null]));
    else if (choice === 3) text.setAttribute('__state', new Y.Map([['a', 1]]));
    else this.#editText(text);
  }

  #editAttributes(element: Y.XmlElement): void {
    const key = this.#random.oneOf(['level', 'id', 'style']);
    if (this.#random.integer(4) === 0) element.removeAttribute(key);
    else element.setAttribute(key, this.#random.oneOf(['1', 'two', '\u{1f600}']));
  }

  #createNode(): Y.XmlElement | Y.XmlText {
    if (this.#random.integer(2) === 0) return new Y.XmlText(prng.word(this.#random.source, 1, 9));
    const element = new Y.XmlElement(this.#random.oneOf(['p', 'h1', 'li']));
    element.insert(0, [new Y.XmlText('new')]);
    return element;
  }
}

/** Not by Yjs' tree walker: it throws where somebody put text among elements, as the root of a rich text may have it. */
function listTypes(parent: Y.XmlFragment): (Y.XmlFragment | Y.XmlText)[] {
  const children: readonly unknown[] = parent.toArray();
  const nested = children.flatMap((child) => {
    if (child instanceof Y.XmlText) return listTexts(child);
    return child instanceof Y.XmlFragment ? listTypes(child) : [];
  });
  return [parent, ...nested];
}

function listTexts(text: Y.XmlText): (Y.XmlFragment | Y.XmlText)[] {
  // `any` by Yjs' types.
  const delta = text.toDelta() as readonly { readonly insert: unknown }[];
  return [text, ...delta.flatMap(({ insert }) => (insert instanceof Y.XmlText ? listTexts(insert) : []))];
}
