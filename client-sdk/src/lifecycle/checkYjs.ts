import { Doc } from 'yjs';

/** How to come to one copy of Yjs. */
export const MEND_YJS =
  '`npm ls yjs` lists the copies and who brings them: let one version of it serve all. ' +
  'In a bundle name it once: `resolve: { dedupe: ["yjs"] }` in vite.config, `resolve.alias` in webpack. ' +
  'A copy by `import` and another by `require` are two as well.';

/**
 * Throws where this is another copy of Yjs than the SDK's: two copies do not know each other's documents, and fail far
 * from the cause. For an application to call once, with the Yjs that its editors use: `import * as Y from 'yjs';
 * checkYjs(Y);`.
 *
 * @throws Error that says how to come to one copy.
 */
export function checkYjs(Y: { readonly Doc: unknown }): void {
  if (Y.Doc !== Doc) throw new Error(`this is another copy of Yjs than the one of @weft/client. ${MEND_YJS}`);
}
