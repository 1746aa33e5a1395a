import { type Bundle, bundleEntries } from './sizeBundle.ts';

/** Of everything that `@weft/client` exports, gzipped; a kB is 1,000 bytes. */
export const CORE_BUDGET_BYTES = 15_000;

/** Its parts, each as what it adds to those before, and what packages are of the parts that use them. */
export type Sizes = {
  readonly core: Bundle;
  readonly withOffline: Bundle;
  readonly withReact: Bundle;
  readonly ofPackages: readonly PackageSize[];
};

export type PackageSize = {
  readonly name: string;
  /** What the part would be smaller by without it, gzipped. */
  readonly gzippedBytes: number;
};

const CORE = ['.'];
const WITH_OFFLINE = ['.', './offline'];
const WITH_REACT = ['.', './react'];

export async function measureSizes(): Promise<Sizes> {
  const [core, withOffline, withReact, coreAlone, offlineAlone] = await Promise.all([
    bundleEntries(CORE),
    bundleEntries(WITH_OFFLINE),
    bundleEntries(WITH_REACT),
    bundleEntries(CORE, ['y-websocket', 'y-protocols']),
    bundleEntries(WITH_OFFLINE, ['idb', 'y-indexeddb']),
  ]);
  return {
    core,
    withOffline,
    withReact,
    ofPackages: [
      {
        name: 'y-websocket, y-protocols',
        gzippedBytes: core.gzippedBytes - coreAlone.gzippedBytes,
      },
      {
        name: 'idb, y-indexeddb',
        gzippedBytes: withOffline.gzippedBytes - offlineAlone.gzippedBytes,
      },
    ],
  };
}
