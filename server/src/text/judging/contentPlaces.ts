import * as Y from 'yjs';
import type { ClockRange } from '../update/clockRanges.ts';
import type { OperationId } from '../update/checkUpdate.ts';
import { endOf, type Struct } from '../update/decodeUpdate.ts';
import type { DeletedContent } from './deletedContent.ts';
import { type Container, containerOf, fits, isSamePlace, kindOfType, type Place, ROOT } from './place.ts';
import { PlaceRuns } from './placeRuns.ts';
import { MAX_NESTING, MAX_OWN_NESTING } from './updateLimits.ts';

/** What an update is judged by that brings new content. */
export type Placing = {
  /** Whose content it is. */
  readonly ownerOf: (client: number) => string | undefined;
  readonly deleted: DeletedContent;
};

type Located =
  | { readonly at: Place }
  /** What it is beside or in was collected: so will be it. */
  | { readonly at: undefined }
  | { readonly fault: string };

const NOWHERE: Located = { at: undefined };

/**
 * Where the content of a rich text is. Most content only says beside what it is, so that an update alone does not tell
 * whether a value is among elements, where every editor would stumble over it, or how deep elements are nested: a
 * document deletes and collects what is deep by recursion.
 *
 * A document collects all that was in what is deleted, and whatever refers to it afterwards. Others still have it, as
 * deleted content. All agree as long as content is in one place by whatever it refers to.
 */
export class ContentPlaces {
  readonly #runs = new PlaceRuns();

  /**
   * Adds a struct from a clock on, after everything that it refers to. Answers with what is wrong with it, for people;
   * then the caller must take everything back.
   */
  add(struct: Struct, from: number, placing: Placing): string | undefined {
    if (!(struct instanceof Y.Item)) return undefined;
    const start = Math.max(struct.id.clock, from);
    const located = this.#locate(struct, start, placing);
    if ('fault' in located) return located.fault;
    const { at: place } = located;
    const container = toContainer(struct, place, placing);
    if (container && isTooDeep(container)) return 'the content is nested too deep';
    if (!place) return undefined;
    const { client } = struct.id;
    const range = { start, end: endOf(struct) };
    this.#runs.add(client, { ...range, place, container });
    if (!fits(struct.content, place.kind)) return 'content is where no such content can be';
    const isSound = isOneValue(struct.content, place, range) || placing.deleted.includesRange(client, range);
    return isSound ? undefined : 'a key has several values';
  }

  /** Makes what was added final. */
  keep(): void {
    this.#runs.keep();
  }

  /** Takes back what was added since the last time. */
  takeBack(): void {
    this.#runs.takeBack();
  }

  #locate({ id, origin, rightOrigin, parent, parentSub }: Y.Item, start: number, placing: Placing): Located {
    // What is cut off is beside what it was cut from.
    const left = start === id.clock ? origin : { client: id.client, clock: start - 1 };
    if (left) return this.#locateBetween(left, rightOrigin, placing);
    if (rightOrigin) return { at: this.#placeOf(rightOrigin) };
    const located = parent instanceof Y.ID ? this.#locateInside(parent, placing) : { at: ROOT };
    if (parentSub === null || !('at' in located) || !located.at) return located;
    return { at: { kind: 'keyed', container: containerOf(located.at), key: parentSub } };
  }

  #locateBetween(left: OperationId, right: OperationId | null, { deleted }: Placing): Located {
    const place = this.#placeOf(left);
    if (!place || !right) return { at: place };
    const other = this.#placeOf(right);
    // Who still has what was collected takes the left one's place for its own, which has to be deleted as well.
    const isSame = other ? isSamePlace(place, other) : deleted.has(containerOf(place));
    return isSame ? { at: place } : { fault: 'what content is beside is in different places' };
  }

  #locateInside(parent: OperationId, { deleted }: Placing): Located {
    const run = this.#runs.find(parent.client, parent.clock);
    if (run?.container) return { at: run.container };
    return !run || deleted.includes(parent) ? NOWHERE : { fault: 'content is in what holds no content' };
  }

  #placeOf({ client, clock }: OperationId): Place | undefined {
    return this.#runs.find(client, clock)?.place;
  }
}

function toContainer(
  { id, content }: Y.Item,
  place: Place | undefined,
  { ownerOf }: Placing,
): Container | undefined {
  if (!place || !(content instanceof Y.ContentType)) return undefined;
  const { depth, owner: ownerAround, ownDepth } = containerOf(place);
  const owner = ownerOf(id.client);
  return {
    kind: kindOfType(content.type),
    id,
    place,
    depth: depth + 1,
    owner,
    ownDepth: owner === ownerAround ? ownDepth + 1 : 1,
  };
}

function isTooDeep({ depth, ownDepth }: Container): boolean {
  return depth > MAX_NESTING || ownDepth > MAX_OWN_NESTING;
}

/** Documents join what was replaced. Of values that stand, they would disagree once a part of them is deleted. */
function isOneValue(content: Y.Item['content'], place: Place, { start, end }: ClockRange): boolean {
  return place.kind !== 'keyed' || end - start === 1 || content instanceof Y.ContentDeleted;
}
