/** A package as it is installed: `node_modules/yjs`, or `node_modules/a/node_modules/yjs`. */
export type InstalledPackage = { readonly path: string; readonly version: string };

// Every package whose second copy would make documents, awareness or encoders of one copy strangers to the other.
// `@y/y` is Yjs 14 under its new name.
const ONCE = ['yjs', 'y-protocols', 'lib0'];
const NEVER = ['@y/y', '@y/protocols'];

/** The packages that a lockfile (`package-lock.json`, any of version 2 or 3) installs. */
export function readLockfile(json: string): InstalledPackage[] {
  const { packages = {} } = JSON.parse(json) as { packages?: Record<string, { version?: string }> };
  return Object.entries(packages).map(([path, { version = '' }]) => ({ path, version }));
}

/** What is installed more than once, not at all, or not to be installed; one line each. */
export function findSecondCopies(installed: readonly InstalledPackage[]): string[] {
  return [
    ...ONCE.flatMap((name) => {
      const copies = copiesOf(name, installed);
      if (copies.length === 1) return [];
      return copies.length === 0 ? `${name} is not installed` : `${name} is installed ${describe(copies)}`;
    }),
    ...NEVER.flatMap((name) => {
      const copies = copiesOf(name, installed);
      return copies.length === 0 ? [] : `${name} is another Yjs, installed ${describe(copies)}`;
    }),
  ];
}

function copiesOf(name: string, installed: readonly InstalledPackage[]): InstalledPackage[] {
  return installed.filter(
    ({ path }) => path === `node_modules/${name}` || path.endsWith(`/node_modules/${name}`),
  );
}

function describe(copies: readonly InstalledPackage[]): string {
  return copies.map(({ path, version }) => `as ${path} (${version})`).join(' and ');
}
