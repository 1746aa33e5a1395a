import type { Awareness } from 'y-protocols/awareness';
import type * as Y from 'yjs';

/** What an editor is given: a document that is synchronised and kept by others. */
export type Shared = {
  readonly doc: Y.Doc;
  /** The root type's name. */
  readonly field: string;
  readonly awareness: Awareness;
  readonly parent: HTMLElement;
};

/** An editor on a text: shows it, and changes it as somebody types. */
export type OpenEditor = (shared: Shared) => void;

export type EditorName = 'codemirror' | 'quill' | 'prosemirror';

/** What the page tells the test. */
export type EditorsPage = {
  /** Whether the server's text was received over the present connection. */
  isSynced(): boolean;
  isConnected(): boolean;
  /** The names of the people that one knows to be there. */
  people(): string[];
  /** The text as the browser keeps it for the time when there is no server. */
  readKept(): Promise<string>;
};
