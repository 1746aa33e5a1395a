import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** Its own package, so that nothing in it can be taken for a part of Weft. */
export const PEERS_FOLDER = join(import.meta.dirname, 'peers');

/** Installs what Weft is measured beside, where it is not there yet. Nothing of it runs while it is installed. */
export function installPeers(): void {
  // npm writes it last.
  if (existsSync(join(PEERS_FOLDER, 'node_modules/.package-lock.json'))) return;
  console.log('Installing what Weft is measured beside …');
  const args = ['ci', '--ignore-scripts', '--no-workspaces', '--no-audit', '--no-fund', '--loglevel=error'];
  execFileSync('npm', args, { cwd: PEERS_FOLDER, stdio: 'inherit' });
}
