import * as Y from 'yjs';
import type { TextKind } from '../../protocol/aggregateDefinition.ts';
import type { TextTarget } from '../connection/textTarget.ts';
import type { Report } from '../lifecycle/clientReport.ts';
import type { OpenStorage, TextCopy } from '../storage/clientStorage.ts';
import type { StorageAccess } from '../storage/storageAccess.ts';
import { KeptRescue, toRescueTarget } from './keptRescue.ts';
import type { RescueCopy } from './rescueCopy.ts';
import { type TextMessage, TextTabs } from './textTabs.ts';

export type KeptTextOptions = {
  readonly storage: StorageAccess;
  readonly target: TextTarget;
  readonly kind: TextKind;
  readonly doc: Y.Doc;
  /** An earlier text of this page has done with the copy. */
  readonly after: Promise<void> | undefined;
  /** Of what is in the document; undefined where that is not known. */
  readonly epoch: () => string | undefined;
  /** Whether there is something in the document that must not be lost. */
  readonly isUnsaved: () => boolean;
  /** Everything that was kept is in the document. */
  readonly onLoaded: (kept: { readonly epoch: string | undefined; readonly isUnsaved: boolean }) => void;
  /** The rescue copy is another one, or it was left. */
  readonly onChange: () => void;
  /** Whether there is a rescue copy that nobody has dismissed. */
  readonly onRescue: (isKept: boolean) => void;
  readonly report: Report;
};

/**
 * What a device has of a text: the copy that outlives its page, what other pages have of it, and the rescue copy of what
 * was refused, until somebody has seen it. The copies are marked in the storage: the one while it has unsaved edits, the
 * other as long as it is there.
 */
export class KeptText {
  readonly #options: KeptTextOptions;
  readonly #rescueTarget: TextTarget;
  readonly #tabs: TextTabs;
  #storage: OpenStorage | undefined;
  #copy: TextCopy | undefined;
  #rescue: KeptRescue | undefined;
  #epoch: string | undefined;
  #isLoaded = false;
  #isClosed = false;
  #hasLeft = false;
  #isLeaving = false;
  // Whether all that is in the document is in the rescue copy as well.
  #isApart = false;
  // Before it was known what there is.
  #isDismissed = false;
  #whenLeft: Promise<void> | undefined;
  #whenErased: Promise<void> | undefined;

  constructor(options: KeptTextOptions) {
    this.#options = options;
    const { target, doc, epoch, storage } = options;
    this.#rescueTarget = toRescueTarget(target);
    this.#tabs = new TextTabs({
      doc,
      target: () => ({ ...target, epoch: epoch() }),
      post: (message) => storage.post(message),
    });
    void this.#run(this.#load());
  }

  /** Whether everything that was kept is here, and everything that is to be kept apart is written. */
  get isSettled(): boolean {
    return this.#isLoaded && !this.#isLeaving;
  }

  get isLoaded(): boolean {
    return this.#isLoaded;
  }

  /** Resolves when the copy is free for another text; undefined where this one does nothing with it. */
  get whenLeft(): Promise<void> | undefined {
    return this.#whenLeft;
  }

  get rescue(): RescueCopy | undefined {
    return this.#rescue?.rescue;
  }

  /** Where what has this origin came from; undefined where it is new to the device. */
  toSource(origin: unknown): 'copy' | 'page' | undefined {
    if (origin === this.#tabs) return 'page';
    return this.#copy && origin === this.#copy ? 'copy' : undefined;
  }

  /** Shows the other pages an edit; without one, everything that is in the document. */
  show(update?: Uint8Array): void {
    // Before it is loaded it is not known which text this is an edit of: what there is is shown then.
    if (this.#isLoaded) this.#tabs.show(update);
  }

  receive(message: TextMessage): void {
    if (!this.#isLoaded) return;
    if (message.type === 'text-dismissed') this.#forgetRescue();
    else this.#tabs.receive(message);
  }

  keepEpoch(epoch: string): void {
    if (epoch === this.#epoch) return;
    this.#epoch = epoch;
    this.#copy?.keepEpoch(epoch);
  }

  mark(isUnsaved: boolean): void {
    this.#mark(this.#options.target, isUnsaved);
  }

  /** The server takes no more of what is here: the next text begins anew, and what is unsaved is kept apart. */
  leave(): void {
    if (this.#hasLeft) return;
    this.#hasLeft = true;
    this.#isLeaving = true;
    this.#whenLeft = this.#run(this.#leave()).then(() => {
      this.#isLeaving = false;
      if (!this.#isClosed) this.#options.onChange();
    });
  }

  /** Keeps an edit apart as well; without one, everything that is in the document. */
  addToRescue(update?: Uint8Array): void {
    this.leave();
    if (!this.#storage || this.#whenErased) return;
    this.#rescue ??= this.#createRescue(this.#storage);
    const added = this.#isApart ? update : undefined;
    this.#rescue.add(added ?? Y.encodeStateAsUpdate(this.#options.doc), this.#options.epoch());
    if (!this.#isApart) this.#mark(this.#rescueTarget, true);
    this.#isApart = true;
    this.#options.onRescue(true);
    this.#options.onChange();
  }

  dismissRescue(): void {
    const rescue = this.#rescue;
    if (!rescue) {
      this.#isDismissed = !this.#isLoaded;
      return;
    }
    this.#isApart = false;
    this.#mark(this.#rescueTarget, false);
    this.#options.storage.post({ type: 'text-dismissed', target: this.#options.target });
    // What is added meanwhile would be erased as well.
    this.#whenErased = this.#run(rescue.erase()).then(() => {
      this.#whenErased = undefined;
      if (!this.#isClosed && this.#hasLeft && this.#options.isUnsaved()) this.addToRescue();
    });
    this.#forgetRescue();
  }

  /** Lets go of the copies at once; what is in them is written. Idempotent. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    for (const copy of [this.#copy, this.#rescue]) if (copy) void this.#run(copy.close());
  }

  async #load(): Promise<void> {
    const { storage, target, doc, after, isUnsaved, onLoaded } = this.#options;
    await after;
    const open = await storage.whenOpen;
    if (this.#isClosed && !isUnsaved()) return;
    this.#storage = open;
    this.#copy = open.texts.open(target, doc);
    // What was typed while the storage was being opened is kept all the same.
    if (this.#isClosed) return this.#copy.close();
    const [{ epoch }, marked] = await Promise.all([this.#copy.whenLoaded, open.readUnsavedTexts()]);
    const isMarked = (text: TextTarget) => marked.some((other) => isSameText(text, other));
    const hasRescue = isMarked(this.#rescueTarget);
    if (hasRescue && !this.#isClosed) {
      this.#rescue = this.#createRescue(open);
      await this.#rescue.load();
    }
    if (this.#isClosed) return;
    this.#epoch = epoch;
    this.#isLoaded = true;
    this.#options.onRescue(hasRescue);
    if (this.#isDismissed) this.dismissRescue();
    onLoaded({ epoch, isUnsaved: isMarked(target) });
    if (this.#isClosed) return;
    this.#tabs.ask();
    if (isUnsaved()) this.#tabs.show();
  }

  async #leave(): Promise<void> {
    if (this.#options.isUnsaved()) {
      if (this.#whenErased) await this.#whenErased;
      this.addToRescue();
      // Until that is written the copy is the only one.
      await this.#rescue?.flush();
    }
    // Where the page was left meanwhile, the next one comes here again.
    if (this.#isClosed) return;
    await this.#copy?.erase();
    this.mark(false);
  }

  #createRescue({ texts }: OpenStorage): KeptRescue {
    const { target, kind } = this.#options;
    return new KeptRescue({ texts, target, kind });
  }

  #forgetRescue(): void {
    this.#rescue = undefined;
    this.#options.onRescue(false);
    this.#options.onChange();
  }

  #mark(target: TextTarget, isUnsaved: boolean): void {
    this.#options.storage.write({ type: 'mark-text', text: { ...target, isUnsaved } });
  }

  /** Nobody waits for it: what goes wrong is told. */
  async #run(work: Promise<void>): Promise<void> {
    try {
      await work;
    } catch (error) {
      const { aggregate, id, field } = this.#options.target;
      const detail = `the copy of ${aggregate}/${id}/${field} failed`;
      this.#options.report({ kind: 'storage-failed', detail, error });
    }
  }
}

function isSameText(one: TextTarget, other: TextTarget): boolean {
  return one.aggregate === other.aggregate && one.id === other.id && one.field === other.field;
}
