import type { TextKind } from '../../protocol/aggregateDefinition.ts';
import type { ClientContext } from '../clientContext.ts';
import type { TextTarget } from '../connection/channels.ts';
import type { Reach } from '../connection/connectionState.ts';
import type { TabMessage } from '../storage/tabLink.ts';
import { createTextHandle } from './createTextHandle.ts';
import { LiveText } from './liveText.ts';
import type { TextHandle, TextOptions } from './textHandle.ts';

export type TextRegistryOptions = {
  readonly address: Omit<TextTarget, 'field'>;
  readonly context: ClientContext;
  /** Whether the server is known to have the aggregate. */
  readonly mayOpen: () => boolean;
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

/** The handle is gone once it is closed; the text goes when it is saved as well. */
type Entry = { readonly text: LiveText; handle: TextHandle<TextKind> | undefined };

/** The texts of one aggregate that are open or not saved yet. */
export class TextRegistry {
  readonly #options: TextRegistryOptions;
  readonly #entries = new Map<string, Entry>();
  // They are still writing down what the server did not take; whoever opens the text meanwhile has a new one.
  readonly #leaving = new Set<LiveText>();

  constructor(options: TextRegistryOptions) {
    this.#options = options;
  }

  get isEmpty(): boolean {
    return this.#entries.size + this.#leaving.size === 0;
  }

  /** Texts with unsaved edits that may still be saved. */
  get pending(): number {
    return this.#texts.filter(({ isUnsaved, isClosed }) => isUnsaved && !isClosed).length;
  }

  /** Whether the server closed an open text, and did not take its last edits. */
  get isRefused(): boolean {
    return [...this.#entries.values()].some(({ text, handle }) => handle && text.isUnsaved && text.isClosed);
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

  /** Saves what an earlier page has left unsaved of a text, which ends by itself then. */
  resume(request: Pick<TextRequest, 'field' | 'kind'>): void {
    if (!this.#entries.has(request.field)) this.#add(request).text.resume();
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
    if ('target' in message) this.#entries.get(message.target.field)?.text.receive(message);
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
    this.closeAll();
    for (const text of this.#texts) text.dispose();
  }

  get #texts(): readonly LiveText[] {
    return [...[...this.#entries.values()].map(({ text }) => text), ...this.#leaving];
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
    const { address, context, mayOpen, onChange, onUndoStep, onUndoMoved, onUndoCleared } = this.#options;
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
      onChange,
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
