import * as Y from 'yjs';
import { endOf, type Struct } from '../update/decodeUpdate.ts';
import { MAX_NESTING } from './updateLimits.ts';

/** Where content is: twice the levels that it is inside of, and one more where it is under a key. */
type Place = number;

/** Of one client, in order of clock, flat: start, end, place, start … */
type Places = number[];

/** What takes an addition back: the length of the list, and where its last run ended. */
type Undo = { readonly length: number; readonly end: number | undefined };

/**
 * Where the content of a rich text is. Most content only says beside what it is, so that an update alone does not tell
 * whether a value is among elements, where every editor would stumble over it, or how deep elements are nested: a
 * document deletes what is deep by recursion.
 *
 * Unknown is the place of what was collected with all that it was inside of; so will be whatever comes beside it.
 */
export class ContentPlaces {
  readonly #places = new Map<number, Places>();
  readonly #undo = new Map<number, Undo>();

  /**
   * Adds a struct from a clock on, after everything that it refers to. Answers with what is wrong with it, for people;
   * then the caller must take everything back.
   */
  add(struct: Struct, from: number): string | undefined {
    if (!(struct instanceof Y.Item)) return undefined;
    const start = Math.max(struct.id.clock, from);
    const place =
      start === struct.id.clock ? this.#findPlace(struct) : this.#placeAt(struct.id.client, start - 1);
    if (place === undefined) return undefined;
    this.#push(struct.id.client, [start, endOf(struct), place]);
    if (place >> 1 > MAX_NESTING) return 'the content is nested too deep';
    return fits(struct.content, (place & 1) === 1) ? undefined : 'content is where no such content can be';
  }

  /** Makes what was added final. */
  keep(): void {
    this.#undo.clear();
  }

  /** Takes back what was added since the last time. */
  takeBack(): void {
    for (const [client, { length, end }] of this.#undo) {
      const places = this.#places.get(client);
      if (!places) continue;
      places.length = length;
      if (end === undefined) this.#places.delete(client);
      else places[length - 2] = end;
    }
    this.#undo.clear();
  }

  #findPlace({ origin, rightOrigin, parent, parentSub }: Y.Item): Place | undefined {
    const neighbour = origin ?? rightOrigin;
    if (neighbour) return this.#placeAt(neighbour.client, neighbour.clock);
    const key = parentSub === null ? 0 : 1;
    if (!(parent instanceof Y.ID)) return key;
    const outer = this.#placeAt(parent.client, parent.clock);
    return outer === undefined ? undefined : ((outer >> 1) + 1) * 2 + key;
  }

  #placeAt(client: number, clock: number): Place | undefined {
    const places = this.#places.get(client) ?? [];
    let low = 0;
    let high = places.length / 3;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((places[middle * 3 + 1] ?? 0) > clock) high = middle;
      else low = middle + 1;
    }
    const start = places[low * 3];
    return start !== undefined && start <= clock ? places[low * 3 + 2] : undefined;
  }

  #push(client: number, [start, end, place]: readonly [number, number, Place]): void {
    const places = this.#places.get(client) ?? [];
    const last = places.length - 3;
    if (!this.#undo.has(client)) this.#undo.set(client, { length: places.length, end: places[last + 1] });
    if (places[last + 1] === start && places[last + 2] === place) places[last + 1] = end;
    else places.push(start, end, place);
    this.#places.set(client, places);
  }
}

/** Whether such content can be under a key, or where text and elements are. */
function fits(content: Y.Item['content'], isUnderKey: boolean): boolean {
  if (content instanceof Y.ContentDeleted || content instanceof Y.ContentType) return true;
  return isUnderKey === (content instanceof Y.ContentAny || content instanceof Y.ContentJSON);
}
