import type { TextKind } from '@weft/client/protocol';
import * as Y from 'yjs';
import { describeContent, findDifference } from './describeContent.ts';
import type { Failure, Sender } from './sequence.ts';

export const FIELD = 'body';

const PLAIN = new Set(['ContentString', 'ContentFormat', 'ContentEmbed', 'ContentDeleted']);
const RICH = new Set([...PLAIN, 'ContentType', 'ContentAny', 'ContentJSON']);
const RICH_TYPES = new Set(['YMap', 'YXmlElement', 'YXmlText', 'YXmlHook']);

/**
 * A document that is fed what the room tells everybody, and judges it by Yjs alone. Beside it, a copy that is fed what
 * was sent, as it was sent: the room must not have made anything else of it.
 */
export class Witness {
  readonly doc = createDoc();
  readonly #copy = createDoc();
  readonly #kind: TextKind;
  readonly #owners = new Map<number, Sender>();
  #hasChanged = false;

  constructor(kind: TextKind) {
    this.#kind = kind;
    this.doc.on('update', () => (this.#hasChanged = true));
  }

  ownerOf(client: number): Sender | undefined {
    return this.#owners.get(client);
  }

  clockOf(client: number): number {
    return Y.getState(this.doc.store, client);
  }

  /** After everyone was shown `shown`, which came of what was sent. */
  takeAccepted(shown: Uint8Array, sent: readonly Sent[]): Failure | undefined {
    const { structs } = Y.decodeUpdate(shown);
    const before = new Map<number, number>();
    for (const { id } of structs) before.set(id.client, this.clockOf(id.client));
    for (const { id } of structs) {
      const known = before.get(id.client) ?? 0;
      if (id.clock < known)
        return fail('repeats-known', `${id.client}:${id.clock} is shown again below ${known}`);
    }
    const isHalfKnown = sent.some(({ update }) => this.#isHalfKnown(update));
    const fault = this.#apply(shown, 'accepted') ?? this.#judgeNew(before, sent);
    if (fault) return fault;
    for (const update of isHalfKnown ? [shown] : sent.map((one) => one.update))
      Y.applyUpdate(this.#copy, update);
    return undefined;
  }

  /** After it was called saved, and nothing was shown. */
  takeKnown(sent: Uint8Array): Failure | undefined {
    this.#hasChanged = false;
    const fault = this.#apply(sent, 'called known');
    if (fault) return fault;
    return this.#hasChanged ? fail('news-called-known', 'what was called known adds something') : undefined;
  }

  /** After the room asked for what it lacks. */
  takeGap(sent: Uint8Array): Failure | undefined {
    const trial = createDoc();
    try {
      Y.applyUpdate(trial, Y.encodeStateAsUpdate(this.doc));
      Y.applyUpdate(trial, sent);
      return hasGap(trial) ? undefined : fail('whole-called-gap', 'what was called incomplete has no gap');
    } catch {
      // Nobody is shown it, so that it may break documents.
      return undefined;
    } finally {
      trial.destroy();
    }
  }

  /** `update` is all of the text, as somebody else has it. */
  compare(update: Uint8Array, whose: string): Failure | undefined {
    const other = createDoc();
    try {
      Y.applyUpdate(other, update);
      if (hasGap(other)) return fail('stored-gap', `${whose} has a gap`);
      const own = describeContent(this.doc);
      const difference = findDifference(own, describeContent(other));
      if (difference !== undefined) return fail('differs', `in the witness and in ${whose}, ${difference}`);
      const change = findDifference(own, describeContent(this.#copy));
      if (change !== undefined) return fail('differs-from-sent', `as shown and as sent, ${change}`);
      return this.#findReadingFault(update, whose);
    } catch (error) {
      return fail('unreadable', `${whose}: ${String(error)}`);
    } finally {
      other.destroy();
    }
  }

  destroy(): void {
    this.doc.destroy();
    this.#copy.destroy();
  }

  #apply(update: Uint8Array, verdict: string): Failure | undefined {
    try {
      Y.applyUpdate(this.doc, update);
    } catch (error) {
      return fail('breaks-documents', `an update that was ${verdict}: ${String(error)}`);
    }
    return hasGap(this.doc) ? fail('accepted-gap', `an update that was ${verdict} has a gap`) : undefined;
  }

  /**
   * Whether an item begins with what is known and ends with what is not. Where its place is another one than that of
   * the known part, a document that takes it whole makes something else of it; here it is the known part that counts.
   */
  #isHalfKnown(sent: Uint8Array): boolean {
    return Y.decodeUpdate(sent).structs.some(({ id, length }) => {
      const known = this.clockOf(id.client);
      return id.clock < known && known < id.clock + length;
    });
  }

  /** Whether every editor can walk through it. */
  #findReadingFault(update: Uint8Array, whose: string): Failure | undefined {
    for (const read of this.#kind === 'text' ? [readText] : [readFragment, readXmlText]) {
      const doc = new Y.Doc({ guid: 'fuzz' });
      try {
        Y.applyUpdate(doc, update);
        read(doc);
      } catch (error) {
        return fail('cannot-be-read', `${whose}, by ${read.name}: ${String(error)}`);
      } finally {
        doc.destroy();
      }
    }
    return undefined;
  }

  #judgeNew(before: ReadonlyMap<number, number>, sent: readonly Sent[]): Failure | undefined {
    for (const name of this.doc.share.keys())
      if (name !== FIELD) return fail('other-root', `a root "${name}"`);
    for (const [client, from] of before) {
      const to = this.clockOf(client);
      if (to === from) continue;
      const senders = sent.filter(({ update }) => isOf(update, client)).map(({ as }) => as);
      const owner = this.#owners.get(client) ?? senders[0];
      if (!owner || !senders.includes(owner))
        return fail('foreign', `${senders.join()} wrote under ${client}, which is ${owner ?? 'nobody'}'s`);
      this.#owners.set(client, owner);
      const fault = this.#judgeContent(client, from);
      if (fault) return fault;
    }
    return undefined;
  }

  #judgeContent(client: number, from: number): Failure | undefined {
    const structs = this.doc.store.clients.get(client) ?? [];
    for (let index = Y.findIndexSS(structs, from); index < structs.length; index++) {
      const struct = structs[index];
      if (!(struct instanceof Y.Item)) continue;
      const fault = this.#findItemFault(struct);
      if (fault !== undefined) return fail('content', `${client}:${struct.id.clock}: ${fault}`);
    }
    return undefined;
  }

  #findItemFault(item: Y.Item): string | undefined {
    const { content, parent, parentSub } = item;
    const name = content.constructor.name;
    const isPlain = this.#kind === 'text';
    if (!(isPlain ? PLAIN : RICH).has(name)) return `a ${name} in a ${this.#kind}`;
    if (content instanceof Y.ContentType && !RICH_TYPES.has(content.type.constructor.name))
      return `a ${content.type.constructor.name}`;
    if (isPlain && (parentSub !== null || parent !== this.doc.share.get(FIELD)))
      return 'content beside the text';
    return isPlain || item.deleted ? undefined : this.#findPlaceFault(item);
  }

  #findPlaceFault(item: Y.Item): string | undefined {
    const { content, origin, rightOrigin, parent, parentSub } = item;
    for (const id of [origin, rightOrigin]) {
      const neighbour: unknown = id && Y.getItem(this.doc.store, id);
      if (!(neighbour instanceof Y.Item)) continue;
      if (neighbour.parent !== parent || neighbour.parentSub !== parentSub) return 'it is in two places';
    }
    const isValue = content instanceof Y.ContentAny || content instanceof Y.ContentJSON;
    const isType = content instanceof Y.ContentType;
    if (parentSub !== null)
      return isValue || (isType && content.type instanceof Y.Map) ? undefined : 'no value under a key';
    if (isValue) return 'a value under no key';
    const isAmongTypes = !(parent instanceof Y.XmlText);
    if (isAmongTypes && !isType) return 'text among elements';
    return parent instanceof Y.Map ? 'content in a map' : undefined;
  }
}

export type Sent = { readonly as: Sender; readonly update: Uint8Array };

function isOf(update: Uint8Array, client: number): boolean {
  return Y.decodeUpdate(update).structs.some(({ id }) => id.client === client);
}

function readText(doc: Y.Doc): void {
  doc.getText(FIELD).toDelta();
}

function readFragment(doc: Y.Doc): void {
  const fragment = doc.getXmlFragment(FIELD);
  fragment.toString();
  for (const node of fragment.createTreeWalker(() => true)) node.toJSON();
}

function readXmlText(doc: Y.Doc): void {
  const text = doc.get(FIELD, Y.XmlText);
  text.toString();
  text.toDelta();
}

export function hasGap(doc: Y.Doc): boolean {
  return doc.store.pendingStructs !== null || doc.store.pendingDs !== null;
}

function fail(rule: string, detail: string): Failure {
  return { rule, detail };
}

/** Of the same name for all: making one up takes longer than most cases. */
function createDoc(): Y.Doc {
  return new Y.Doc({ gc: false, guid: 'fuzz' });
}
