import * as Y from 'yjs';
import { type TextRoot, toPlainText, toSharedType } from './textRoot.ts';

/** Everything that a client has of a text that the server takes no more of: what was never saved is nowhere else. */
export type RescueCopy = {
  /** Of the text that this is a copy of; undefined where the server never said. */
  readonly epoch: string | undefined;
  /** The whole document, for `Y.applyUpdate` on a new one. No text of another epoch takes it. */
  readonly update: Uint8Array;
  /** The same as plain text; of a rich text, each element that holds text is a line. */
  readonly text: string;
  /** Whether there are edits in it that were never saved. */
  readonly isUnsaved: boolean;
};

type Rescued = Pick<RescueCopy, 'epoch' | 'isUnsaved'> & { readonly doc: Y.Doc; readonly root: TextRoot };

/** Encodes the document when that is asked for, and once: whoever types on in it must not wait for it each time. */
export function createRescueCopy({ epoch, isUnsaved, doc, root }: Rescued): RescueCopy {
  let made: Pick<RescueCopy, 'update' | 'text'> | undefined;
  const make = () => (made ??= { update: Y.encodeStateAsUpdate(doc), text: toPlainText(toSharedType(root)) });
  return Object.freeze({
    epoch,
    isUnsaved,
    get update() {
      return make().update;
    },
    get text() {
      return make().text;
    },
  });
}
