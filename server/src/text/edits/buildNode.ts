import * as Y from 'yjs';
import type { Json } from '../../event-store/eventStore.ts';
import {
  type Attributes,
  fromJsonValue,
  isNode,
  type MapNode,
  type RichNode,
  type TextOp,
} from './contentJson.ts';
import type { DeltaStep } from './toSequence.ts';

export type NodeType = Y.XmlElement | Y.XmlText | Y.Map<unknown>;

/** A new shared type of a node, not part of any document yet. */
export function buildNode(node: RichNode): NodeType {
  switch (node.type) {
    case 'element': {
      const element = new Y.XmlElement(node.name);
      // Yjs keeps any value that it can encode, and maps stand in elements as well, whatever its types say.
      for (const [key, value] of toValues(node.attributes)) element.setAttribute(key, value as string);
      element.insert(0, node.children.map(buildNode) as (Y.XmlElement | Y.XmlText)[]);
      return element;
    }
    case 'text': {
      const text = new Y.XmlText();
      text.applyDelta(node.content.map(toInsertion));
      for (const [key, value] of toValues(node.attributes)) text.setAttribute(key, value);
      return text;
    }
    case 'map':
      return buildMap(node);
  }
}

function buildMap({ hook, entries }: MapNode): Y.Map<unknown> {
  if (hook === undefined) return new Y.Map(toValues(entries));
  const map: Y.Map<unknown> = new Y.XmlHook(hook);
  for (const [key, value] of toValues(entries)) map.set(key, value);
  return map;
}

/** The step of a delta that inserts an op. Without attributes, it stands in no formatting. */
export function toInsertion({ insert, attributes = {} }: TextOp): DeltaStep {
  return { insert: toInserted(insert), attributes };
}

function toInserted(insert: TextOp['insert']): unknown {
  if (typeof insert === 'string') return insert;
  return isNode(insert) ? buildNode(insert) : toEmbed(toValue(insert));
}

/** Yjs would take a string for text, and fails on null: it is given something that is written as they are. */
function toEmbed(value: unknown): unknown {
  return typeof value === 'string' || value === null ? { toJSON: () => value } : value;
}

function toValues(attributes: Attributes = {}): [string, unknown][] {
  return Object.entries(attributes).map(([key, value]) => [key, toValue(value)]);
}

/** What to set as an attribute or entry. The JSON was checked. */
export function toValue(json: Json): unknown {
  if (isNode(json)) return buildNode(json);
  const decoded = fromJsonValue(json);
  if (!decoded.ok) throw new Error('a value that was checked is none');
  return decoded.value;
}
