import * as Y from 'yjs';
import type { Json } from '../../event-store/eventStore.ts';
import {
  type Attributes,
  joinOps,
  type RichNode,
  type TextContentJson,
  type TextOp,
  toAttributes,
  toJsonEmbed,
  toJsonValue,
  toOp,
} from './contentJson.ts';

/** What reading takes of any shared type, also of a root that nobody has given a type. */
export type SharedType = Pick<Y.AbstractType<unknown>, '_start' | '_map'>;

/** A shared type that stands inside another, and what it is as JSON. */
export type Embedded = { readonly type: SharedType; readonly node: RichNode };

/** Levels of shared types; deeper ones, which no editor makes, are left out, or else reading would run out of stack. */
export const MAX_NESTING = 256;

/** What stands in a row in a shared type: a stretch of text, a value, or another shared type. */
export type Piece = { readonly op: TextOp; readonly embedded?: Embedded };

/**
 * All that a root holds. It must not have been given a type: a typed root may tidy up formatting, which is an edit of
 * its own. Throws where it holds a shared type that
 * no text takes.
 */
export function readContent(root: SharedType | undefined): TextContentJson {
  if (!root) return [];
  const content = joinOps(readPieces(root).map(({ op }) => op));
  const attributes = readAttributes(root);
  if (attributes) return [{ type: 'root', attributes, content }];
  const nodes = content.map(toBareNode).filter((node) => node !== undefined);
  return nodes.length === content.length ? nodes : content;
}

/** A node that nothing else is said of. */
function toBareNode({ insert, attributes }: TextOp): RichNode | undefined {
  return attributes || typeof insert === 'string' || !isNodeOp(insert) ? undefined : insert;
}

function isNodeOp(insert: Exclude<TextOp['insert'], string>): insert is RichNode {
  return insert.type === 'element' || insert.type === 'text' || insert.type === 'map';
}

/**
 * What stands in a shared type, in order; its indices count code units of text, and one for anything else. What no
 * correct client puts there is passed over, as Yjs does.
 */
export function readPieces(type: SharedType, depth = 0): Piece[] {
  const pieces: Piece[] = [];
  const formats = new Map<string, Json>();
  let attributes: Attributes | undefined;
  for (let item = type._start; item; item = item.right) {
    if (item.deleted) continue;
    const { content } = item;
    if (content instanceof Y.ContentFormat) {
      setFormat(formats, content);
      attributes = toAttributes(formats);
    } else {
      const piece = toPiece(content, attributes, depth);
      if (piece) pieces.push(piece);
    }
  }
  return pieces;
}

function setFormat(formats: Map<string, Json>, { key, value }: Y.ContentFormat): void {
  if (value === null) formats.delete(key);
  else formats.set(key, value as Json);
}

function toPiece(
  content: Y.Item['content'],
  attributes: Attributes | undefined,
  depth: number,
): Piece | undefined {
  if (content instanceof Y.ContentString) return { op: toOp(content.str, attributes) };
  if (content instanceof Y.ContentEmbed) return { op: toOp(toJsonEmbed(content.embed), attributes) };
  if (!(content instanceof Y.ContentType) || depth >= MAX_NESTING) return undefined;
  const type: SharedType = content.type;
  const node = readNode(type, depth + 1);
  return { op: toOp(node, attributes), embedded: { type, node } };
}

/** Throws where the type is none that a rich text holds. */
function readNode(type: SharedType, depth: number): RichNode {
  const attributes = readAttributes(type, depth);
  const described = attributes && { attributes };
  if (type instanceof Y.XmlElement) {
    const children = readChildren(type, depth).map(({ node }) => node);
    return { type: 'element', name: type.nodeName, ...described, children };
  }
  if (type instanceof Y.XmlText) {
    return { type: 'text', ...described, content: joinOps(readPieces(type, depth).map(({ op }) => op)) };
  }
  if (type instanceof Y.XmlHook) return { type: 'map', hook: type.hookName, entries: attributes ?? {} };
  if (type instanceof Y.Map) return { type: 'map', entries: attributes ?? {} };
  throw new Error('the text holds what no text takes');
}

/** The nodes in an element. */
export function readChildren(element: SharedType, depth = 0): Embedded[] {
  return readPieces(element, depth)
    .map(({ embedded }) => embedded)
    .filter((embedded) => embedded !== undefined);
}

/** Attributes of an element or a text, or a map's entries; undefined where there are none. */
export function readAttributes(type: SharedType, depth = 0): Attributes | undefined {
  const entries: [string, Json][] = [];
  for (const [key, item] of type._map) {
    const value = item.deleted ? undefined : readValue(item, depth);
    if (value !== undefined) entries.push([key, value]);
  }
  return toAttributes(entries);
}

/** An attribute that is set to undefined is none. */
function readValue({ content }: Y.Item, depth: number): Json | undefined {
  if (content instanceof Y.ContentType) {
    return depth >= MAX_NESTING ? undefined : readNode(content.type, depth + 1);
  }
  const value: unknown = content.getContent().at(-1);
  return value === undefined ? undefined : toJsonValue(value);
}
