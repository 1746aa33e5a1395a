import * as Y from 'yjs';
import type { OperationId } from '../update/checkUpdate.ts';

/** A shared type of a rich text that content is in. The root may be an XML fragment or an XML text: nothing tells. */
export type Container = {
  readonly kind: 'root' | 'element' | 'text' | 'map';
  /** Of the item that holds it; undefined for the root. */
  readonly id: OperationId | undefined;
  /** Undefined for the root. */
  readonly place: Place | undefined;
  /** Levels that its content is inside of. */
  readonly depth: number;
  /** Whose it is. */
  readonly owner: string | undefined;
  /** How many of those levels, from the innermost on, are the owner's. */
  readonly ownDepth: number;
};

export type KeyedPlace = { readonly kind: 'keyed'; readonly container: Container; readonly key: string };

/** Where content is: a container stands for its sequence. */
export type Place = Container | KeyedPlace;

export const ROOT: Container = {
  kind: 'root',
  id: undefined,
  place: undefined,
  depth: 0,
  owner: undefined,
  ownDepth: 0,
};

export function containerOf(place: Place): Container {
  return place.kind === 'keyed' ? place.container : place;
}

export function isSamePlace(one: Place, other: Place): boolean {
  if (one === other) return true;
  if (one.kind !== 'keyed' || other.kind !== 'keyed') return false;
  return one.container === other.container && one.key === other.key;
}

export function kindOfType(type: Y.ContentType['type']): Container['kind'] {
  if (type instanceof Y.XmlText) return 'text';
  return type instanceof Y.Map ? 'map' : 'element';
}

/** Whether some editor could have put such content there. What was deleted says no more what it was. */
export function fits(content: Y.Item['content'], kind: Place['kind']): boolean {
  if (content instanceof Y.ContentDeleted) return true;
  switch (kind) {
    case 'keyed':
      return isValue(content) || (content instanceof Y.ContentType && content.type instanceof Y.Map);
    case 'text':
      return !isValue(content);
    case 'map':
      return false;
    // Whoever walks through elements stumbles over anything else.
    case 'root':
    case 'element':
      return content instanceof Y.ContentType;
  }
}

function isValue(content: Y.Item['content']): boolean {
  return content instanceof Y.ContentAny || content instanceof Y.ContentJSON;
}
