/** Calls back when the network is said to be gone or back. Returns what stops watching. */
export type WatchNetwork = (told: { readonly onGone: () => void; readonly onBack: () => void }) => () => void;

type Page = Partial<Pick<EventTarget, 'addEventListener' | 'removeEventListener'>>;

/** What the browser says, in a page or a worker; elsewhere, such as in Node, nobody says anything. */
export const watchNetwork: WatchNetwork = ({ onGone, onBack }) => {
  const page: Page = globalThis;
  page.addEventListener?.('offline', onGone);
  page.addEventListener?.('online', onBack);
  return () => {
    page.removeEventListener?.('offline', onGone);
    page.removeEventListener?.('online', onBack);
  };
};
