import { isPlainObject } from '@weft/client/protocol';
import * as decoding from 'lib0/decoding';
import * as encoding from 'lib0/encoding';
import type { Json } from '../../event-store/eventStore.ts';

type JsonObject = Readonly<Record<string, Json>>;

/** Formatting, or what an element is described with; without empty ones and in order of their names. */
export type Attributes = JsonObject;

/**
 * A stretch of text, or one embedded thing, as in Quill's deltas. An object whose `type` is `element`, `text` or `map`
 * is a node; one of another `type` that is named here, a value (see `toJsonValue`); any other object is itself.
 */
export type TextOp = { readonly insert: string | JsonObject | RichNode; readonly attributes?: Attributes };

/** Values may be nodes as well. */
export type RichNode = ElementNode | TextNode | MapNode;

export type ElementNode = {
  readonly type: 'element';
  readonly name: string;
  readonly attributes?: Attributes;
  readonly children: readonly RichNode[];
};

export type TextNode = {
  readonly type: 'text';
  readonly attributes?: Attributes;
  readonly content: readonly TextOp[];
};

export type MapNode = {
  readonly type: 'map';
  /** Of a map that stands for something of the editor's own (`Y.XmlHook`). */
  readonly hook?: string;
  readonly entries: Attributes;
};

/** The root of a rich text that has attributes of its own. */
export type RootNode = {
  readonly type: 'root';
  readonly attributes: Attributes;
  readonly content: readonly TextOp[];
};

/**
 * All of a text, without who wrote it when: of a plain text its stretches, of a rich text its nodes. Where a rich
 * text's root is itself used as a text, its stretches, in which nodes are embedded.
 */
export type TextContentJson = readonly TextOp[] | readonly RichNode[] | readonly [RootNode];

const NODE_TYPES: ReadonlySet<unknown> = new Set(['element', 'text', 'map'] satisfies RichNode['type'][]);

export function isNode(value: unknown): value is RichNode {
  return isPlainObject(value) && NODE_TYPES.has(value.type);
}

export type DecodedValue = { readonly ok: true; readonly value: unknown } | { readonly ok: false };

/**
 * A value as JSON. What JSON cannot say (bytes, bigints, NaN) is `{ type: 'any', base64 }`, in lib0's encoding; an
 * object that would be taken for something else is `{ type: 'value', value }`.
 */
export function toJsonValue(value: unknown): Json {
  if (!isJson(value)) {
    const bytes = encoding.encode((encoder) => encoding.writeAny(encoder, value as encoding.AnyEncodable));
    return { type: 'any', base64: Buffer.from(bytes).toString('base64') };
  }
  return isPlainObject(value) && isReserved(value.type) ? { type: 'value', value } : value;
}

/** The same for what is embedded in a text, where a string is text. */
export function toJsonEmbed(value: unknown): JsonObject {
  const json = toJsonValue(value);
  return isObject(json) ? json : { type: 'value', value: json };
}

/** The value that `toJsonValue` or `toJsonEmbed` took. Not for nodes. */
export function fromJsonValue(json: Json): DecodedValue {
  if (!isObject(json) || !isReserved(json.type)) return { ok: true, value: json };
  if (json.type === 'value') return { ok: true, value: json.value };
  return typeof json.base64 === 'string' ? decodeAny(json.base64) : { ok: false };
}

function decodeAny(base64: string): DecodedValue {
  try {
    const decoder = decoding.createDecoder(Buffer.from(base64, 'base64'));
    const value: unknown = decoding.readAny(decoder);
    return decoding.hasContent(decoder) ? { ok: false } : { ok: true, value };
  } catch {
    // lib0 throws on input that it cannot read; that is an expected outcome here.
    return { ok: false };
  }
}

function isReserved(type: unknown): boolean {
  return type === 'value' || type === 'any' || type === 'root' || NODE_TYPES.has(type);
}

export function isObject(value: Json): value is JsonObject {
  return isPlainObject(value);
}

/** Whether a value is the same once it was written as JSON and read again. */
function isJson(value: unknown): value is Json {
  if (typeof value === 'number') return Number.isFinite(value) && !Object.is(value, -0);
  if (typeof value === 'object') return value === null || isJsonContainer(value);
  return typeof value === 'string' || typeof value === 'boolean';
}

function isJsonContainer(value: object): boolean {
  if (Array.isArray(value)) return value.every(isJson);
  const prototype: unknown = Object.getPrototypeOf(value);
  return (prototype === Object.prototype || prototype === null) && Object.values(value).every(isJson);
}

/** Attributes in the one form in which equal ones look alike; undefined where there are none. */
export function toAttributes(entries: Iterable<readonly [string, Json]>): Attributes | undefined {
  const sorted = [...entries].sort(([one], [other]) => (one < other ? -1 : 1));
  return sorted.length === 0 ? undefined : Object.fromEntries(sorted);
}

/** Joins neighbouring stretches of text with the same attributes, and leaves empty ones out. */
export function joinOps(ops: Iterable<TextOp>): TextOp[] {
  const joined: TextOp[] = [];
  let stretch:
    { pieces: string[]; readonly attributes: Attributes | undefined; readonly key: string } | undefined;
  const end = () => {
    if (stretch) joined.push(toOp(stretch.pieces.join(''), stretch.attributes));
    stretch = undefined;
  };
  for (const op of ops) {
    if (typeof op.insert !== 'string') {
      end();
      joined.push(op);
      continue;
    }
    if (op.insert === '') continue;
    const key = JSON.stringify(op.attributes ?? {});
    if (stretch?.key !== key) {
      end();
      stretch = { pieces: [], attributes: op.attributes, key };
    }
    stretch?.pieces.push(op.insert);
  }
  end();
  return joined;
}

export function toOp(insert: TextOp['insert'], attributes: Attributes | undefined): TextOp {
  return attributes ? { insert, attributes } : { insert };
}
