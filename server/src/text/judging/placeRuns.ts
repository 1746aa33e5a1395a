import type { Container, Place } from './place.ts';

/** Clocks of one client that are in the same place. A container is a run of its own. */
export type PlaceRun = {
  readonly start: number;
  end: number;
  readonly place: Place;
  readonly container: Container | undefined;
};

/** What takes an addition back: the length of the list, and where its last run ended. */
type Undo = { readonly length: number; readonly end: number | undefined };

/** Where the clocks of each client are. Those that are in no run are nowhere. */
export class PlaceRuns {
  /** By client, in order of clock. */
  readonly #runs = new Map<number, PlaceRun[]>();
  readonly #undo = new Map<number, Undo>();

  find(client: number, clock: number): PlaceRun | undefined {
    const runs = this.#runs.get(client);
    if (!runs) return undefined;
    let low = 0;
    let high = runs.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((runs[middle]?.end ?? 0) > clock) high = middle;
      else low = middle + 1;
    }
    const run = runs[low];
    return run && run.start <= clock ? run : undefined;
  }

  /** Adds what comes after all that there is of the client. */
  add(client: number, added: PlaceRun): void {
    let runs = this.#runs.get(client);
    if (!runs) this.#runs.set(client, (runs = []));
    const last = runs.at(-1);
    if (!this.#undo.has(client)) this.#undo.set(client, { length: runs.length, end: last?.end });
    if (last && continues(last, added)) last.end = added.end;
    else runs.push(added);
  }

  /** Makes what was added final. */
  keep(): void {
    this.#undo.clear();
  }

  /** Takes back what was added since the last time. */
  takeBack(): void {
    for (const [client, { length, end }] of this.#undo) {
      const runs = this.#runs.get(client) ?? [];
      runs.length = length;
      const last = runs.at(-1);
      if (last && end !== undefined) last.end = end;
      else this.#runs.delete(client);
    }
    this.#undo.clear();
  }
}

function continues(last: PlaceRun, { start, place, container }: PlaceRun): boolean {
  return last.end === start && last.place === place && !last.container && !container;
}
