import { materialise } from '../text/document/materialise.ts';
import type { Materialiser } from '../text/document/materialiser.ts';
import { makeEdit } from '../text/edits/makeEdit.ts';

/** Makes everything at once, whatever its size: nobody else waits, and a thread would answer in a time of its own. */
export const inlineMaterialiser: Materialiser = {
  make: async (kind, whole, field) => materialise(kind, whole, field),
  edit: async (order) => makeEdit(order),
  close: () => Promise.resolve(),
};
