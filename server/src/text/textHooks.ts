import type { EditedText, EditHooks } from './room/editReport.ts';

/** What others want to hear of texts. */
export type TextHooks = EditHooks & {
  /**
   * A new epoch began. Nobody is let into the text before this resolves, so it must not wait for that; where it
   * rejects, so does whoever asked for the epoch.
   */
  readonly onErased?: ((text: EditedText) => Promise<void>) | undefined;
};
