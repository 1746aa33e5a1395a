import { MEND_YJS } from './checkYjs.ts';
import type { Report } from './clientReport.ts';

/** Where every copy of Yjs says that it was loaded: as it is loaded, it sets this to true. */
const FLAG = '__ $YJS$ __';
/** On the getter of the flag, so that all clients of a page share it, also those of another copy of this SDK. */
const WATCHERS = Symbol.for('weft.yjs-watchers');

type Watchers = Set<() => void>;

/**
 * Reports when another copy of Yjs is loaded from now on, such as with an editor in a bundle of its own. Of a copy that is
 * there already nothing can be seen: see `checkYjs`. Yjs finds its flag as it left it, and nothing happens where the global
 * object cannot be changed. Returns what ends it; idempotent.
 */
export function watchYjs(report: Report, page: object = globalThis): () => void {
  const watchers = findWatchers(page) ?? install(page);
  const tell = () => report({ kind: 'second-yjs', detail: `another copy of Yjs was loaded. ${MEND_YJS}` });
  watchers?.add(tell);
  return () => {
    if (watchers?.delete(tell) && watchers.size === 0 && findWatchers(page) === watchers) {
      define(page, { value: readFlag(page), writable: true, enumerable: true });
    }
  };
}

function readFlag(page: object): unknown {
  return Reflect.get(page, FLAG);
}

function findWatchers(page: object): Watchers | undefined {
  const get = Reflect.getOwnPropertyDescriptor(page, FLAG)?.get as { [WATCHERS]?: Watchers } | undefined;
  return get?.[WATCHERS];
}

/** Undefined where that is not possible. */
function install(page: object): Watchers | undefined {
  let flag = readFlag(page);
  const watchers: Watchers = new Set();
  const get = Object.assign(() => flag, { [WATCHERS]: watchers });
  // Read it may be by whatever lists the globals of a page; only Yjs sets it.
  const set = (value: unknown) => {
    flag = value;
    for (const tell of watchers) tell();
  };
  // Not among what is listed, so that nobody copies its value in a snapshot of the page's globals and writes it back.
  return define(page, { get, set, enumerable: false }) ? watchers : undefined;
}

function define(page: object, descriptor: PropertyDescriptor): boolean {
  return Reflect.defineProperty(page, FLAG, { ...descriptor, configurable: true });
}
