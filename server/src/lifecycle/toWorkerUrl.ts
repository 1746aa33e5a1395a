import { extname } from 'node:path';

/**
 * Where the worker module beside a module is: `.ts` as source, and whatever that module has become in a package.
 *
 * @param name - of the worker's file, without its ending
 * @param besideUrl - the `import.meta.url` of the module that starts it
 */
export function toWorkerUrl(name: string, besideUrl: string): URL {
  return new URL(`./${name}${extname(besideUrl)}`, besideUrl);
}
