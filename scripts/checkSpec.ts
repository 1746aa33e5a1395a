// Every rule of docs/SPEC.md is named by a test, and every rule that a test names is one of them.
import { globSync, readFileSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { citedRules } from './citedRules.ts';
import { compareSpec } from './compareSpec.ts';
import { readSpec } from './readSpec.ts';

const ROOT = resolve(import.meta.dirname, '..');
// Whatever is under test/ counts: a contract suite registers its tests from a file of its own.
const TEST_FILES = ['{server,client-sdk,examples}/**/*.test.{ts,tsx}', 'test/**/*.{ts,tsx}'];

const spec = readSpec(read('docs/SPEC.md'));
const files = globSync(TEST_FILES, {
  cwd: ROOT,
  exclude: (path) => ['node_modules', 'dist'].includes(basename(path)),
}).toSorted();
const citations = files.flatMap((file) => citedRules(file, read(file)));
const problems = compareSpec(spec, citations);

for (const problem of problems) console.error(problem);
if (problems.length > 0) process.exitCode = 1;
else {
  console.log(
    `${spec.rules.size} rules, ${spec.gaps.size} gaps, named ${citations.length} times in ${files.length} files.`,
  );
}

function read(path: string): string {
  return readFileSync(resolve(ROOT, path), 'utf8');
}
