/**
 * Calls back when the network is said to be gone or back, and when somebody looks at the page again, after which timers
 * may have slept for any time. Returns what stops watching.
 */
export type WatchNetwork = (told: {
  readonly onGone: () => void;
  readonly onBack: () => void;
  readonly onShown: () => void;
}) => () => void;

type Target = Partial<Pick<EventTarget, 'addEventListener' | 'removeEventListener'>>;

/** What the browser says, in a page or a worker; elsewhere, such as in Node, nobody says anything. */
export const watchNetwork: WatchNetwork = ({ onGone, onBack, onShown }) => {
  const page: Target & { readonly document?: Document } = globalThis;
  const { document } = page;
  const watched: readonly (readonly [Target | undefined, string, () => void])[] = [
    [page, 'offline', onGone],
    [page, 'online', onBack],
    // A page that comes back from the browser's cache.
    [page, 'pageshow', onShown],
    [document, 'visibilitychange', () => document?.visibilityState === 'visible' && onShown()],
  ];
  for (const [target, type, listener] of watched) target?.addEventListener?.(type, listener);
  return () => {
    for (const [target, type, listener] of watched) target?.removeEventListener?.(type, listener);
  };
};
