import * as Y from 'yjs';
import type { TextKind } from '../../protocol/aggregateDefinition.ts';
import type { TextTarget } from '../connection/textTarget.ts';
import type { TextCopy, TextStorage } from '../storage/clientStorage.ts';
import { createRescueCopy, type RescueCopy } from './rescueCopy.ts';
import { createTextRoot } from './textRoot.ts';

export type KeptRescueOptions = {
  readonly texts: TextStorage;
  /** The text that it is a rescue copy of. */
  readonly target: TextTarget;
  readonly kind: TextKind;
};

/** No field has a name with a dot. */
const SUFFIX = '.rescue';

/** Under which the rescue copy of a text is kept, and marked. */
export function toRescueTarget(target: TextTarget): TextTarget {
  return { ...target, field: target.field + SUFFIX };
}

/** The field whose rescue copy is kept under this name; undefined where it is a text's own. */
export function toRescuedField(field: string): string | undefined {
  return field.endsWith(SUFFIX) ? field.slice(0, -SUFFIX.length) : undefined;
}

/** A rescue copy that outlives its page, as the copy of a text that no server knows. */
export class KeptRescue {
  readonly #options: KeptRescueOptions;
  readonly #doc = new Y.Doc();
  #copy: TextCopy | undefined;
  #rescue: RescueCopy;

  constructor(options: KeptRescueOptions) {
    this.#options = options;
    this.#rescue = this.#toRescueCopy(undefined);
  }

  get rescue(): RescueCopy {
    return this.#rescue;
  }

  async load(): Promise<void> {
    const { epoch } = await this.#open().whenLoaded;
    this.#rescue = this.#toRescueCopy(epoch);
  }

  /** What is there from an earlier time stays in it. */
  add(update: Uint8Array, epoch: string | undefined): void {
    Y.applyUpdate(this.#doc, update);
    const copy = this.#open();
    if (epoch !== undefined) copy.keepEpoch(epoch);
    this.#rescue = this.#toRescueCopy(epoch ?? this.#rescue.epoch);
  }

  /** Resolves when everything that was added is on the device. */
  async flush(): Promise<void> {
    const copy = this.#open();
    await copy.whenLoaded;
    // It says that all is written when it is closed, and only then.
    if (copy === this.#copy) this.#copy = undefined;
    await copy.close();
  }

  async erase(): Promise<void> {
    const copy = this.#open();
    this.#copy = undefined;
    await copy.erase();
  }

  async close(): Promise<void> {
    await this.#copy?.close();
  }

  #open(): TextCopy {
    return (this.#copy ??= this.#options.texts.open(toRescueTarget(this.#options.target), this.#doc));
  }

  #toRescueCopy(epoch: string | undefined): RescueCopy {
    const { target, kind } = this.#options;
    const root = createTextRoot(this.#doc, target.field, kind);
    return createRescueCopy({ epoch, isUnsaved: true, doc: this.#doc, root });
  }
}
