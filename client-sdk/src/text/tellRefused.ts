import type * as Y from 'yjs';
import type { TextTarget } from '../connection/textTarget.ts';
import type { Report } from '../lifecycle/clientReport.ts';
import { createRescueCopy, type RescueCopy } from './rescueCopy.ts';
import type { TextRoot } from './textRoot.ts';

/** What became of unsaved edits, where nobody looks at the state of their text; `what`: as in 'the edits of … `what`'. */
export function tellRefused(
  report: Report,
  {
    target,
    rescue,
    what,
  }: { readonly target: TextTarget; readonly rescue: RescueCopy; readonly what: string },
): void {
  const { aggregate, id, field } = target;
  const detail = `unsaved edits of ${aggregate}/${id}/${field} ${what}`;
  report({ kind: 'text-refused', detail, aggregate, id, field, rescue });
}

export type EndedText = {
  readonly doc: Y.Doc;
  readonly root: TextRoot;
  readonly target: TextTarget;
  readonly state: { readonly epoch: string | undefined };
};

/** Nothing hears any more of what is typed into the document: the application is told, once. */
export function tellOfLateEdits(report: Report, { doc, root, target, state }: EndedText): void {
  const tell = ({ local, changed }: Y.Transaction) => {
    if (!local || changed.size === 0) return;
    doc.off('afterTransaction', tell);
    const rescue = createRescueCopy({ epoch: state.epoch, isUnsaved: true, doc, root });
    tellRefused(report, { target, rescue, what: 'came after it was closed: they are not saved' });
  };
  doc.on('afterTransaction', tell);
}
