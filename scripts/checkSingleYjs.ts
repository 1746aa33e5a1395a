// One copy of Yjs, in the lockfile and on disk: an update made with one copy is a stranger to another.
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { findSecondCopies, readLockfile } from './installedCopies.ts';

const ROOT = resolve(import.meta.dirname, '..');
// The second is npm's own record of what it put on disk; there is none before the first installation.
const lockfiles = ['package-lock.json', 'node_modules/.package-lock.json'];

const problems = lockfiles
  .filter((file) => existsSync(resolve(ROOT, file)))
  .flatMap((file) =>
    findSecondCopies(readLockfile(readFileSync(resolve(ROOT, file), 'utf8'))).map(
      (line) => `${file}: ${line}`,
    ),
  );

for (const problem of problems) console.error(problem);
if (problems.length > 0) process.exitCode = 1;
else console.log('yjs, y-protocols and lib0 are installed once.');
