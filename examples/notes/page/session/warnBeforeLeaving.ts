import type { Sessions } from './sessions.ts';

/** Lets the browser ask before it closes a page that still has something unsaved. Lasts as long as the page. */
export function warnBeforeLeaving(sessions: Sessions): void {
  addEventListener('beforeunload', (event) => {
    // Commits the draft of the control that has the focus.
    if (document.activeElement instanceof HTMLElement) document.activeElement.blur();
    if (sessions.isUnfinished()) event.preventDefault();
  });
}
