// What the SDK adds to a page, minified and gzipped, and whether it keeps to its budget.
import type { Bundle } from './sizeBundle.ts';
import { CORE_BUDGET_BYTES, measureSizes } from './sizeParts.ts';

const { core, withOffline, withReact, ofPackages } = await measureSizes();

console.log(toLine('', 'minified', 'gzipped'));
console.log(toLine('@weft/client', toKb(core.bytes), toKb(core.gzippedBytes)));
console.log(toAdded('@weft/client/offline', withOffline));
console.log(toAdded('@weft/client/react', withReact));
console.log(toLine('client and offline', toKb(withOffline.bytes), toKb(withOffline.gzippedBytes)));
for (const { name, gzippedBytes } of ofPackages) {
  console.log(toLine(`of it ${name}`, '', toKb(gzippedBytes)));
}
console.log('Besides, from the application: yjs with lib0, zod and react.');

const above = core.gzippedBytes - CORE_BUDGET_BYTES;
if (above > 0) {
  console.error(`@weft/client is ${above} bytes above its budget of ${toKb(CORE_BUDGET_BYTES)}, gzipped.`);
  process.exitCode = 1;
}

function toAdded(name: string, bundle: Bundle): string {
  const minified = toKb(bundle.bytes - core.bytes);
  return toLine(name, `+ ${minified}`, `+ ${toKb(bundle.gzippedBytes - core.gzippedBytes)}`);
}

function toKb(bytes: number): string {
  return `${(bytes / 1000).toFixed(2)} kB`;
}

function toLine(name: string, minified: string, gzipped: string): string {
  return name.padEnd(32) + minified.padStart(12) + gzipped.padStart(12);
}
