import { isEqual } from '@weft/client/protocol';
import * as Y from 'yjs';
import type { Json } from '../../event-store/eventStore.ts';
import { applyDelta } from './applyDelta.ts';
import { buildNode, toInsertion, toValue } from './buildNode.ts';
import { type Attributes, isNode, type RichNode, type TextOp } from './contentJson.ts';
import { findSplices } from './findSplices.ts';
import { PLACEHOLDER, type Splice } from './sequence.ts';
import type { RootContent } from './parseContent.ts';
import {
  type Embedded,
  type Piece,
  readAttributes,
  readChildren,
  readPieces,
  type SharedType,
} from './readContent.ts';
import {
  type DeltaStep,
  diffAttributes,
  findOp,
  lengthOf,
  type PlacedOps,
  placeOps,
  sliceOps,
  toSequence,
} from './toSequence.ts';

/** Makes a text, or a root that is taken for one, hold just this, by few and small changes. */
export function applyContent(text: Y.Text, { attributes, ops }: RootContent): void {
  applyAttributes(text, attributes);
  removeStrangers(text);
  const pieces = readPieces(text);
  const base = placeOps(pieces.map(({ op }) => op));
  const target = placeOps(ops);
  const splices = findSplices(toSequence(base), toSequence(target));
  const changes = new TextChanges({ pieces, base, target });
  for (const splice of splices) changes.add(splice);
  changes.finish();
  applyDelta(text, changes.steps);
  for (const { type, node } of changes.inside) applyNode(type, node);
}

/** A node that stays where it is, and what is to become of it. */
type Inside = { readonly type: SharedType; readonly node: RichNode };

type TextChangesOptions = {
  readonly pieces: readonly Piece[];
  readonly base: PlacedOps;
  readonly target: PlacedOps;
};

/** Collects what to do to a text, from its beginning to its end. */
class TextChanges {
  readonly steps: DeltaStep[] = [];
  readonly inside: Inside[] = [];
  readonly #options: TextChangesOptions;
  /** Where base and target have come to. */
  #at = 0;
  #from = 0;

  constructor(options: TextChangesOptions) {
    this.#options = options;
  }

  add({ at, deleted, from, inserted }: Splice): void {
    this.#retain(at);
    const { target } = this.#options;
    const old = this.#nodesIn(at, deleted);
    const young = sliceOps(target, from, from + inserted);
    const kept = pairNodes(
      old.map(({ node }) => node),
      young.map(({ insert }) => (isNode(insert) ? insert : undefined)),
    );
    if (old.length < deleted || young.length < inserted) kept.length = 0;
    for (const { node, index } of kept) {
      const type = old[index]?.type;
      if (type) this.inside.push({ type, node });
    }
    const same = kept.length;
    this.#format(at, from, same);
    if (deleted > same) this.steps.push({ delete: deleted - same });
    this.steps.push(...young.slice(same).map(toInsertion));
    this.#at = at + deleted;
    this.#from = from + inserted;
  }

  finish(): void {
    this.#retain(this.#options.base.length);
  }

  #retain(until: number): void {
    const length = until - this.#at;
    this.#format(this.#at, this.#from, length);
    this.#at += length;
    this.#from += length;
  }

  /** Keeps so much, and gives it the formatting that it has in the target. */
  #format(at: number, from: number, length: number): void {
    const { base, target } = this.#options;
    for (let done = 0; done < length;) {
      const [old, oldEnd] = opAt(base, at + done);
      const [young, youngEnd] = opAt(target, from + done);
      const retain = Math.min(oldEnd - at - done, youngEnd - from - done, length - done);
      const attributes = diffAttributes(old?.attributes, young?.attributes);
      this.steps.push(attributes ? { retain, attributes } : { retain });
      done += retain;
    }
  }

  /** Fewer than asked for where not all of it is nodes. */
  #nodesIn(at: number, length: number): Embedded[] {
    const { pieces, base } = this.#options;
    const nodes: Embedded[] = [];
    for (let index = findOp(base.starts, at); nodes.length < length; index++) {
      const embedded = pieces[index]?.embedded;
      if (!embedded) break;
      nodes.push(embedded);
    }
    return nodes;
  }
}

/** The op at a place, and where it ends. */
function opAt({ ops, starts }: PlacedOps, place: number): [TextOp | undefined, number] {
  const index = findOp(starts, place);
  const op = ops[index];
  return [op, (starts[index] ?? 0) + (op ? lengthOf(op) : Infinity)];
}

/** Nodes that stay, from the first on: each becomes what stands in its place. */
function pairNodes(
  old: readonly RichNode[],
  young: readonly (RichNode | undefined)[],
): { readonly node: RichNode; readonly index: number }[] {
  const pairs: { node: RichNode; index: number }[] = [];
  for (const [index, node] of young.entries()) {
    const before = old[index];
    if (!before || !node || !canBecome(before, node)) break;
    pairs.push({ node, index });
  }
  return pairs;
}

function canBecome(one: RichNode, other: RichNode): boolean {
  if (one.type === 'element') return other.type === 'element' && one.name === other.name;
  if (one.type === 'map') return other.type === 'map' && one.hook === other.hook;
  return one.type === other.type;
}

/** Makes a shared type the node. It can become so. */
function applyNode(type: SharedType, node: RichNode): void {
  if (isElement(type) && node.type === 'element') {
    applyAttributes(type, node.attributes);
    applyChildren(type, node.children);
  } else if (type instanceof Y.XmlText && node.type === 'text') {
    applyContent(type, { attributes: node.attributes, ops: node.content });
  } else if (type instanceof Y.Map && node.type === 'map') {
    applyAttributes(type, node.entries);
  } else {
    throw new Error('a node cannot become one of another type');
  }
}

function isElement(type: SharedType): type is Y.XmlElement {
  return type instanceof Y.XmlElement;
}

function applyChildren(element: Y.XmlElement, target: readonly RichNode[]): void {
  removeStrangers(element);
  const base = readChildren(element);
  const splices = findSplices(toChildSequence(base.map(({ node }) => node)), toChildSequence(target));
  // From the end on, so that the places before stay what they are.
  for (const { at, deleted, from, inserted } of splices.reverse()) {
    const old = base.slice(at, at + deleted);
    const young = target.slice(from, from + inserted);
    const kept = pairNodes(
      old.map(({ node }) => node),
      young,
    );
    const same = kept.length;
    if (deleted > same) element.delete(at + same, deleted - same);
    const built = young.slice(same).map(buildNode);
    if (built.length > 0) element.insert(at + same, built as (Y.XmlElement | Y.XmlText)[]);
    for (const { node, index } of kept) {
      const type = old[index]?.type;
      if (type) applyNode(type, node);
    }
  }
}

/** Takes away what no correct client puts there: it has places, and cannot be read. */
function removeStrangers(type: Y.Text | Y.XmlElement): void {
  const strangers: { at: number; length: number }[] = [];
  let at = 0;
  for (let item = type._start; item; item = item.right) {
    if (item.deleted || !item.countable) continue;
    if (!isOf(type, item.content)) strangers.push({ at, length: item.length });
    at += item.length;
  }
  for (const stranger of strangers.reverse()) type.delete(stranger.at, stranger.length);
}

function isOf(type: Y.Text | Y.XmlElement, content: Y.Item['content']): boolean {
  if (content instanceof Y.ContentType) return true;
  return type instanceof Y.Text && (content instanceof Y.ContentString || content instanceof Y.ContentEmbed);
}

function toChildSequence(nodes: readonly RichNode[]) {
  return {
    text: PLACEHOLDER.repeat(nodes.length),
    things: new Map(nodes.map((node, index) => [index, JSON.stringify(node)])),
  };
}

type Described = Pick<Y.Map<unknown>, 'set' | 'delete'>;

function applyAttributes(type: Y.Text | Y.XmlElement | Y.Map<unknown>, target: Attributes = {}): void {
  const base = readAttributes(type) ?? {};
  const described = toDescribed(type);
  for (const key of Object.keys(base)) {
    if (!Object.hasOwn(target, key)) described.delete(key);
  }
  for (const [key, value] of Object.entries(target)) {
    const before = base[key];
    if (isEqual(before, value)) continue;
    if (before === undefined || !applyInside(type, key, [before, value])) described.set(key, toValue(value));
  }
}

/** Changes a node that is an attribute where it is, and says whether it could be. */
function applyInside(type: SharedType, key: string, [before, value]: readonly [Json, Json]): boolean {
  if (!isNode(before) || !isNode(value) || !canBecome(before, value)) return false;
  const held: unknown = type._map.get(key)?.content.getContent().at(-1);
  if (!(held instanceof Y.AbstractType)) return false;
  applyNode(held as SharedType, value);
  return true;
}

/** Attributes and entries are written in the same way. */
function toDescribed(type: Y.Text | Y.XmlElement | Y.Map<unknown>): Described {
  if (type instanceof Y.Map) return type;
  return {
    set: (key, value) => {
      type.setAttribute(key, value);
      return value;
    },
    delete: (key) => type.removeAttribute(key),
  };
}
