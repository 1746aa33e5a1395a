import { isPlainObject, type PlainObject, type TextKind } from '@weft/client/protocol';
import type { Json } from '../../event-store/eventStore.ts';
import {
  type Attributes,
  fromJsonValue,
  isNode,
  joinOps,
  type RichNode,
  type TextOp,
  toAttributes,
  toJsonEmbed,
  toJsonValue,
  toOp,
} from './contentJson.ts';

/** What a root holds, in the form that reading it gives; bare nodes are embedded in a text. */
export type RootContent = {
  readonly attributes: Attributes | undefined;
  readonly ops: readonly TextOp[];
};

export type ParsedContent =
  { readonly ok: true; readonly content: RootContent } | { readonly ok: false; readonly detail: string };

/** Reads content of a text that came from outside. */
export function parseContent(content: Json, kind: TextKind): ParsedContent {
  try {
    return { ok: true, content: kind === 'text' ? readPlain(content) : readRich(content) };
  } catch (error) {
    if (error instanceof ContentFault) return { ok: false, detail: error.message };
    throw error;
  }
}

/** What is wrong with the content; thrown and caught within this file. */
class ContentFault extends Error {}

function readPlain(content: Json): RootContent {
  const ops = readOps(content, 'content');
  const node = ops.findIndex(({ insert }) => isNode(insert));
  if (node !== -1) throw new ContentFault('a plain text takes no nodes, only text and embedded values');
  return { attributes: undefined, ops };
}

function readRich(content: Json): RootContent {
  const list = readList(content, 'content');
  const [only] = list;
  if (list.length === 1 && isPlainObject(only) && only.type === 'root') {
    checkKeys(only, ['type', 'attributes', 'content'], 'content[0]');
    const attributes = readAttributes(only.attributes, 'content[0].attributes');
    return { attributes, ops: readOps(only.content, 'content[0].content') };
  }
  const isBare = list.every((item) => isPlainObject(item) && !('insert' in item));
  if (!isBare) return { attributes: undefined, ops: readOps(list, 'content') };
  return { attributes: undefined, ops: readNodes(list, 'content').map((insert) => ({ insert })) };
}

function readOps(value: unknown, path: string): TextOp[] {
  return joinOps(readList(value, path).map((op, index) => readOp(op, `${path}[${index}]`)));
}

function readOp(value: unknown, path: string): TextOp {
  const op = readObject(value, path);
  checkKeys(op, ['insert', 'attributes'], path);
  return toOp(readInsert(op.insert, `${path}.insert`), readFormatting(op.attributes, `${path}.attributes`));
}

function readInsert(insert: unknown, path: string): TextOp['insert'] {
  if (typeof insert === 'string') return readText(insert, path);
  const object = readObject(insert, path);
  return isNode(object) ? readNode(object, path) : toJsonEmbed(decodeValue(object, path));
}

function readNodes(value: unknown, path: string): RichNode[] {
  return readList(value, path).map((node, index) => readNode(node, `${path}[${index}]`));
}

function readNode(value: unknown, path: string): RichNode {
  const node = readObject(value, path);
  switch (node.type) {
    case 'element':
      return readElement(node, path);
    case 'text': {
      checkKeys(node, ['type', 'attributes', 'content'], path);
      const attributes = readAttributes(node.attributes, `${path}.attributes`);
      return {
        type: 'text',
        ...(attributes && { attributes }),
        content: readOps(node.content, `${path}.content`),
      };
    }
    case 'map':
      return readMap(node, path);
    default:
      throw new ContentFault(`${path}: a node's type is element, text or map`);
  }
}

function readMap(node: PlainObject, path: string): RichNode {
  checkKeys(node, ['type', 'hook', 'entries'], path);
  const { hook } = node;
  if (hook !== undefined && typeof hook !== 'string') throw new ContentFault(`${path}: a hook is a name`);
  const entries = readAttributes(node.entries, `${path}.entries`) ?? {};
  return { type: 'map', ...(hook !== undefined && { hook: readText(hook, path) }), entries };
}

function readElement(node: PlainObject, path: string): RichNode {
  checkKeys(node, ['type', 'name', 'attributes', 'children'], path);
  if (typeof node.name !== 'string' || node.name === '')
    throw new ContentFault(`${path}: an element has a name`);
  const attributes = readAttributes(node.attributes, `${path}.attributes`);
  return {
    type: 'element',
    name: readText(node.name, path),
    ...(attributes && { attributes }),
    children: readNodes(node.children, `${path}.children`),
  };
}

/** What is null says that there is none. The values are themselves, whatever they look like. */
function readFormatting(value: unknown, path: string): Attributes | undefined {
  if (value === undefined) return undefined;
  const entries = Object.entries(readObject(value, path)).filter(([, format]) => format !== null);
  for (const [key] of entries) readText(key, path);
  return toAttributes(entries as [string, Json][]);
}

/** Of a node, or a map's entries. */
function readAttributes(value: unknown, path: string): Attributes | undefined {
  if (value === undefined) return undefined;
  const entries = Object.entries(readObject(value, path)).map(([key, member]) => {
    readText(key, path);
    const at = `${path}.${key}`;
    return [key, isNode(member) ? readNode(member, at) : toJsonValue(readValue(member, at))] as const;
  });
  return toAttributes(entries);
}

function readValue(value: unknown, path: string): unknown {
  const decoded = decodeValue(value, path);
  if (!isWellFormed(decoded)) throw new ContentFault(`${path}: it halves a character`);
  return decoded;
}

function decodeValue(value: unknown, path: string): unknown {
  const decoded = fromJsonValue(value as Json);
  if (!decoded.ok) throw new ContentFault(`${path}: this is no value`);
  return decoded.value;
}

function readText(text: string, path: string): string {
  if (!text.isWellFormed()) throw new ContentFault(`${path}: it halves a character`);
  return text;
}

/** Whether no string in a value holds half a surrogate pair: outside of JSON, Yjs does not keep those. */
function isWellFormed(value: unknown): boolean {
  if (typeof value === 'string') return value.isWellFormed();
  if (Array.isArray(value)) return value.every(isWellFormed);
  return (
    !isPlainObject(value) ||
    Object.entries(value).every(([key, member]) => key.isWellFormed() && isWellFormed(member))
  );
}

function readList(value: unknown, path: string): readonly Json[] {
  if (!Array.isArray(value)) throw new ContentFault(`${path} is no list`);
  return value as readonly Json[];
}

function readObject(value: unknown, path: string): PlainObject {
  if (!isPlainObject(value)) throw new ContentFault(`${path} is no object`);
  return value;
}

function checkKeys(object: PlainObject, known: readonly string[], path: string): void {
  const unknown = Object.keys(object).find((key) => !known.includes(key));
  if (unknown !== undefined) throw new ContentFault(`${path}: ${JSON.stringify(unknown)} is not known here`);
}
