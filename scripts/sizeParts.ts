import { type Bundle, bundleEntries } from './sizeBundle.ts';

/**
 * Of everything that `@weft/client` exports, gzipped; a kB is 1,000 bytes. The goal is 15 kB: docs/benchmarks.md says what
 * stands in the way. Until then nobody may make it larger without a decision.
 */
export const CORE_BUDGET_BYTES = 31_500;

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
    bundleEntries(WITH_OFFLINE, ['idb']),
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
        name: 'idb',
        gzippedBytes: withOffline.gzippedBytes - offlineAlone.gzippedBytes,
      },
    ],
  };
}
