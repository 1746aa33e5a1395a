import type { TabMessage } from '../storage/tabLink.ts';
import type { OpenTabLink } from './memoryTabs.ts';

export type BrowserTabsOptions = {
  readonly tab: string;
  /** Of what the pages share. */
  readonly name: string;
  /** Of what they tell each other. */
  readonly version: number;
};

/**
 * The pages of this origin. A page holds a lock for as long as it lives, which the browser takes from it when it is gone.
 * Resolves when this page has its own. Never rejects: what the browser does not have, or refuses, is done without.
 */
export async function openBrowserTabs({ tab, name, version }: BrowserTabsOptions): Promise<OpenTabLink> {
  const channel = openChannel(`${name}:${version}`);
  const closed = new AbortController();
  const { signal } = closed;
  const isHeld = await holdLock(toLockName(tab), signal);

  function toLockName(page: string): string {
    return `${name}:${page}`;
  }

  function whenGone(page: string, callback: () => void): () => void {
    const stop = new AbortController();
    const call = () => {
      if (!stop.signal.aborted && !signal.aborted) callback();
    };
    if (!isHeld) queueMicrotask(call);
    else void waitForLock(toLockName(page), AbortSignal.any([stop.signal, signal])).then(call);
    return () => stop.abort();
  }

  return {
    post: (message) => {
      if (!signal.aborted) channel?.postMessage(message);
    },
    listen: (listener) => {
      const hear = ({ data }: MessageEvent<TabMessage>) => listener(data);
      channel?.addEventListener('message', hear);
      return () => channel?.removeEventListener('message', hear);
    },
    whenGone,
    close: () => {
      closed.abort();
      channel?.close();
    },
  };
}

function openChannel(name: string): BroadcastChannel | undefined {
  try {
    return new BroadcastChannel(name);
  } catch {
    // There is none, or not for this origin: the pages do without hearing of each other.
    return undefined;
  }
}

/** Takes a lock, to hold it until the signal. Resolves to whether it could be had. */
async function holdLock(name: string, until: AbortSignal): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const hold = () =>
    new Promise<void>((release) => {
      resolve(true);
      until.addEventListener('abort', () => release());
    });
  try {
    navigator.locks.request(name, hold).catch(() => resolve(false));
  } catch {
    // There are no locks here, such as on a page that is not served securely.
    resolve(false);
  }
  return promise;
}

/** Resolves when the lock was free, or is not waited for any more. */
async function waitForLock(name: string, signal: AbortSignal): Promise<void> {
  // Only the signal makes it reject.
  await navigator.locks.request(name, { signal }, () => undefined).catch(() => undefined);
}
