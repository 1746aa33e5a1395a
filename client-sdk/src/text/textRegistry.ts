import type { TextKind } from '../../protocol/aggregateDefinition.ts';
import type { ClientContext } from '../clientContext.ts';
import type { TextTarget } from '../connection/textTarget.ts';
import type { Reach } from '../connection/connectionState.ts';
import type { TabMessage } from '../storage/tabLink.ts';
import { createTextHandle } from './createTextHandle.ts';
import { KeptRescue } from './keptRescue.ts';
import { LiveText } from './liveText.ts';
import { tellRefused } from './tellRefused.ts';
import type { TextHandle, TextOptions } from './textHandle.ts';

export type TextRegistryOptions = {
  readonly address: Omit<TextTarget, 'field'>;
  readonly context: ClientContext;
  /** Whether the server is known to have the aggregate. */
  readonly mayOpen: () => boolean;
  /** Whether the server is known not to have it, and nobody here has asked for it. */
  readonly isMissing: () => boolean;
  /** The state of a text changed, or a text ended. */
  readonly onChange: () => void;
  /** This person did something in a text that can be taken back. */
  readonly onUndoStep: (field: string) => void;
  /** A text's last step was taken back, or done again, by whatever means. */
  readonly onUndoMoved: (field: string, direction: 'undo' | 'redo') => void;
  /** There is nothing any more to take back in a text, or to do again. */
  readonly onUndoCleared: (field: string) => void;
};

export type TextRequest = TextOptions & { readonly field: string; readonly kind: TextKind };

/** Either unsaved edits, which are sent, or a rescue copy that nobody has dismissed. */
export type LeftText = {
  readonly field: string;
  readonly kind: TextKind;
  readonly isRescue: boolean;
};

/** The handle is gone once it is closed; the text goes when it is saved as well. */
type Entry = { readonly text: LiveText; handle: TextHandle<TextKind> | undefined };

/** The texts of one aggregate that are open or not saved yet. */
export class TextRegistry {
  readonly #options: TextRegistryOptions;
  readonly #entries = new Map<string, Entry>();
  // They are still writing down what the server did not take; whoever opens the text meanwhile has a new one.
  readonly #leaving = new Set<LiveText>();
  // Fields of which a rescue copy is kept that nobody has dismissed.
  readonly #rescued = new Set<string>();
  #isDisposed = false;

  constructor(options: TextRegistryOptions) {
    this.#options = options;
  }

  get isEmpty(): boolean {
    return this.#entries.size + this.#leaving.size === 0;
  }

  /** Texts with unsaved edits that may still be saved. */
  get pending(): number {
    return this.#texts.filter(({ isUnsaved, isRefused }) => isUnsaved && !isRefused).length;
  }

  /** Whether there are edits, in an open text or kept apart, that the server did not take and nobody has dismissed. */
  get isRefused(): boolean {
    const isOpenRefused = ({ text, handle }: Entry) => (handle ?? !text.isClosed) && text.isRefused;
    return this.#rescued.size > 0 || [...this.#entries.values()].some(isOpenRefused);
  }

  open(request: TextRequest): TextHandle<TextKind> {
    const entry = this.#find(request);
    entry.handle ??= createTextHandle({
      text: entry.text,
      report: this.#options.context.report,
      onClose: () => {
        entry.handle = undefined;
      },
    });
    return entry.handle;
  }

  /** Goes on with what an earlier page has left of a text. */
  resume({ field, kind, isRescue }: LeftText): void {
    if (isRescue) void this.#keepRescue(field, kind);
    else if (!this.#entries.has(field)) this.#add({ field, kind }).text.resume();
  }

  /** Takes the last own edit back, as far as there is one; whether there was. */
  undo(field: string): boolean {
    return this.#move(field, 'undo');
  }

  redo(field: string): boolean {
    return this.#move(field, 'redo');
  }

  /** What is typed from now on is a step of its own, but for this text. */
  endSteps(except?: string): void {
    for (const [field, { text }] of this.#entries) if (field !== except) text.undo.stopCapturing();
  }

  /** What another page says of this aggregate. */
  receive(message: TabMessage): void {
    if (!('target' in message)) return;
    const { field } = message.target;
    const text = this.#entries.get(field)?.text;
    if (text) text.receive(message);
    else if (message.type === 'text-dismissed') this.#noteRescue(field, false);
  }

  onReach(reach: Reach): void {
    for (const text of this.#texts) text.onReach(reach);
  }

  /** What the texts wait for may have come. */
  reconsider(): void {
    for (const text of this.#texts) text.reconsider();
  }

  closeAll(): void {
    for (const { handle } of [...this.#entries.values()]) handle?.close();
  }

  /** Ends every text, saved or not. */
  dispose(): void {
    this.#isDisposed = true;
    this.closeAll();
    for (const text of this.#texts) text.dispose();
  }

  get #texts(): readonly LiveText[] {
    return [...[...this.#entries.values()].map(({ text }) => text), ...this.#leaving];
  }

  /** The application is told of it once more. */
  async #keepRescue(field: string, kind: TextKind): Promise<void> {
    const { address, context } = this.#options;
    const target = { ...address, field };
    this.#noteRescue(field, true);
    const open = await context.storage?.whenOpen;
    if (!open) return;
    const kept = new KeptRescue({ texts: open.texts, target, kind });
    await kept.load();
    const isWaiting = this.#rescued.has(field) && !this.#isDisposed;
    const what = 'were refused, and wait to be seen';
    if (isWaiting) tellRefused(context.report, { target, rescue: kept.rescue, what });
    await kept.close();
  }

  #noteRescue(field: string, isKept: boolean): void {
    if (isKept === this.#rescued.has(field)) return;
    if (isKept) this.#rescued.add(field);
    else this.#rescued.delete(field);
    this.#options.onChange();
  }

  #move(field: string, direction: 'undo' | 'redo'): boolean {
    const text = this.#entries.get(field)?.text;
    return text !== undefined && text.undo[direction]() !== null;
  }

  #find(request: TextRequest): Entry {
    const entry = this.#entries.get(request.field);
    if (!entry) return this.#add(request);
    const isOver = entry.text.isClosed && !entry.handle;
    if (!isOver) return entry;
    this.#leaving.add(entry.text);
    return this.#add(request, entry.text.whenLeft);
  }

  #add({ field, kind, epoch }: TextRequest, after?: Promise<void>): Entry {
    const { address, context, mayOpen, isMissing, onChange, onUndoStep, onUndoMoved, onUndoCleared } =
      this.#options;
    const text = new LiveText({
      target: { ...address, field },
      kind,
      epoch,
      context,
      after,
      undoListener: {
        onStep: () => onUndoStep(field),
        onMoved: (direction) => onUndoMoved(field, direction),
        onCleared: () => onUndoCleared(field),
      },
      mayOpen,
      isMissing,
      onChange,
      onRescue: (isKept) => this.#noteRescue(field, isKept),
      onEnd: () => {
        this.#leaving.delete(text);
        if (this.#entries.get(field) === entry) {
          this.#entries.delete(field);
          onUndoCleared(field);
        }
        onChange();
      },
    });
    const entry: Entry = { text, handle: undefined };
    this.#entries.set(field, entry);
    return entry;
  }
}
