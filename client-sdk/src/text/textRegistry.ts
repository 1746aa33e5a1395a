import type { TextKind } from '../../protocol/aggregateDefinition.ts';
import type { ClientContext } from '../clientContext.ts';
import type { TextTarget } from '../connection/channels.ts';
import type { Reach } from '../connection/connectionState.ts';
import type { SaveState } from '../saveState.ts';
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
};

export type TextRequest = TextOptions & { readonly field: string; readonly kind: TextKind };

/** The handle is gone once it is closed; the text goes when it is saved as well. */
type Entry = { readonly text: LiveText; handle: TextHandle<TextKind> | undefined };

/** The texts of one aggregate that are open or not saved yet. */
export class TextRegistry {
  readonly #options: TextRegistryOptions;
  readonly #entries = new Map<string, Entry>();

  constructor(options: TextRegistryOptions) {
    this.#options = options;
  }

  get isEmpty(): boolean {
    return this.#entries.size === 0;
  }

  has(saveState: SaveState): boolean {
    return [...this.#entries.values()].some(({ text }) => text.state.saveState === saveState);
  }

  open(request: TextRequest): TextHandle<TextKind> {
    const entry = this.#entries.get(request.field) ?? this.#add(request);
    entry.handle ??= createTextHandle({
      text: entry.text,
      report: this.#options.context.report,
      onClose: () => {
        entry.handle = undefined;
      },
    });
    return entry.handle;
  }

  onReach(reach: Reach): void {
    for (const { text } of [...this.#entries.values()]) text.onReach(reach);
  }

  /** What the texts wait for may have come. */
  reconsider(): void {
    for (const { text } of [...this.#entries.values()]) text.reconsider();
  }

  closeAll(): void {
    for (const { handle } of [...this.#entries.values()]) handle?.close();
  }

  /** Ends every text, saved or not. */
  dispose(): void {
    this.closeAll();
    for (const { text } of [...this.#entries.values()]) text.dispose();
  }

  #add({ field, kind, epoch }: TextRequest): Entry {
    const { address, context, mayOpen, onChange } = this.#options;
    const text = new LiveText({
      target: { ...address, field },
      kind,
      epoch,
      context,
      mayOpen,
      onChange,
      onEnd: () => {
        this.#entries.delete(field);
        onChange();
      },
    });
    const entry: Entry = { text, handle: undefined };
    this.#entries.set(field, entry);
    return entry;
  }
}
