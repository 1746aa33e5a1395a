import js from '@eslint/js';
import reactHooks from 'eslint-plugin-react-hooks';
import { defineConfig, globalIgnores } from 'eslint/config';
import tseslint from 'typescript-eslint';

const TESTS = ['test/**', '**/*.test.{ts,tsx}', '**/*.test-d.ts', '**/testSupport/**'];
const TOOLING = ['scripts/**', '**/*.config.{js,ts}', '.dependency-cruiser.js'];
const MAIN = 'server/src/main.ts';
// They hand real time, randomness and libraries to the rest.
const SERVER_WIRING = ['server/src/*.ts'];
const CLIENT_WIRING = ['client-sdk/src/{index,createClient,createContext}.ts'];

const noDefaultExport = {
  selector: 'ExportDefaultDeclaration, ExportSpecifier[exported.name="default"]',
  message: 'Name what you export.',
};
const noExportStar = { selector: 'ExportAllDeclaration', message: 'List the names that are public.' };
const noCurrentDate = {
  selector: 'NewExpression[callee.name="Date"][arguments.length=0]',
  message: 'Time is passed in: use a Clock.',
};

const timeIsPassedIn = ['setTimeout', 'setInterval', 'setImmediate'].map((name) => ({
  name,
  message: 'Time is passed in: use a Clock.',
}));
const timeAndRandomnessArePassedIn = [
  { object: 'Date', property: 'now', message: 'Time is passed in: use a Clock.' },
  { object: 'performance', property: 'now', message: 'Time is passed in: use a Clock.' },
  { object: 'Math', property: 'random', message: 'Randomness is passed in.' },
  { object: 'crypto', property: 'randomUUID', message: 'Ids are passed in.' },
  { object: 'crypto', property: 'getRandomValues', message: 'Randomness is passed in.' },
];
const onlyMainOwnsTheProcess = ['env', 'argv', 'exit', 'exitCode', 'on', 'once'].map((property) => ({
  object: 'process',
  property,
  message: `Only ${MAIN} reads the environment, handles signals and ends the process.`,
}));

const processIsMains = { name: 'node:process', message: `Only ${MAIN} needs it.` };
const importedTimeAndRandomness = [
  { name: 'node:timers', message: 'Time is passed in: use a Clock.' },
  { name: 'node:timers/promises', message: 'Time is passed in: use a Clock.' },
  {
    name: 'node:crypto',
    importNames: ['getRandomValues', 'randomBytes', 'randomInt', 'randomUUID'],
    message: 'Randomness and ids are passed in.',
  },
];

// The rule takes one list, so every file gets its whole list at once.
function noImportOf(paths, patterns = []) {
  return { '@typescript-eslint/no-restricted-imports': ['error', { paths, patterns }] };
}
function ofAnotherLayer(name) {
  return { name, message: `Another layer knows ${name}; see docs/ARCHITECTURE.md.` };
}
const express = ofAnotherLayer('express');
const ws = ofAnotherLayer('ws');
const nothingOfNode = { group: ['node:*'], message: 'This runs in a browser.' };

export default defineConfig(
  globalIgnores(['**/dist/', '**/data/', 'test/fixtures/', 'coverage/']),
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },

  js.configs.recommended,
  tseslint.configs.strictTypeChecked,
  tseslint.configs.stylisticTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      complexity: ['error', 10],
      eqeqeq: 'error',
      'max-lines': ['error', 300],
      'no-console': 'error',
      'no-restricted-syntax': ['error', noDefaultExport, noExportStar],
      'prefer-const': 'error',
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/max-params': ['error', { max: 3 }],
      '@typescript-eslint/no-import-type-side-effects': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/return-await': ['error', 'error-handling-correctness-only'],
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { requireDefaultForNonUnion: true }],

      // A type says what a value is made of; an interface, what somebody implements. Both are used.
      '@typescript-eslint/consistent-type-definitions': 'off',
      '@typescript-eslint/no-confusing-void-expression': 'off',
      // Inference from a definition needs `Record<never, never>` for 'none of them'.
      '@typescript-eslint/no-generated-empty-object-type': 'off',
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      // There are no enums: erasableSyntaxOnly.
      '@typescript-eslint/no-unsafe-enum-assignment': 'off',
      '@typescript-eslint/no-unsafe-enum-comparison': 'off',
      // It contradicts no-non-null-assertion.
      '@typescript-eslint/non-nullable-type-assertion-style': 'off',
      // It does not know that a state may have changed across an await, where a second look is what we ask for.
      '@typescript-eslint/no-unnecessary-condition': 'off',
      '@typescript-eslint/no-base-to-string': ['error', { ignoredTypeNames: ['YText', 'YXmlFragment'] }],
      // A port is asynchronous also where an adapter has nothing to wait for.
      '@typescript-eslint/require-await': 'off',
      // Options and ports are plain objects whose methods are passed on.
      '@typescript-eslint/unbound-method': 'off',
    },
  },

  {
    files: ['server/src/**/*.ts'],
    ignores: [...TESTS, MAIN],
    rules: { 'no-restricted-properties': ['error', ...onlyMainOwnsTheProcess] },
  },
  {
    files: ['server/src/**/*.ts'],
    ignores: [...TESTS, ...SERVER_WIRING],
    rules: noImportOf([express, ws, processIsMains, ...importedTimeAndRandomness]),
  },
  {
    files: ['server/src/http/**/*.ts'],
    ignores: TESTS,
    rules: noImportOf([ws, processIsMains, ...importedTimeAndRandomness]),
  },
  {
    files: ['server/src/realtime/**/*.ts'],
    ignores: TESTS,
    rules: noImportOf([express, processIsMains, ...importedTimeAndRandomness]),
  },
  {
    files: ['server/src/lifecycle/**/*.ts'],
    ignores: TESTS,
    rules: noImportOf([express, ws, processIsMains]),
  },
  {
    files: ['client-sdk/**/*.ts', 'examples/notes/page/**/*.{ts,tsx}'],
    ignores: [...TESTS, ...TOOLING],
    rules: noImportOf([express, ws], [nothingOfNode]),
  },
  {
    files: ['{server,client-sdk}/**/*.ts'],
    ignores: [
      ...TESTS,
      ...SERVER_WIRING,
      ...CLIENT_WIRING,
      'server/src/lifecycle/**',
      'client-sdk/src/connection/**',
      ...TOOLING,
    ],
    rules: {
      'no-restricted-globals': ['error', ...timeIsPassedIn],
      'no-restricted-properties': ['error', ...onlyMainOwnsTheProcess, ...timeAndRandomnessArePassedIn],
      'no-restricted-syntax': ['error', noDefaultExport, noExportStar, noCurrentDate],
    },
  },

  {
    files: ['examples/notes/page/**/*.{ts,tsx}', 'client-sdk/src/react/**/*.{ts,tsx}'],
    ignores: TESTS,
    extends: [reactHooks.configs.flat.recommended],
  },

  {
    files: TESTS,
    rules: {
      complexity: 'off',
      'max-lines': 'off',
      'no-console': 'off',
      '@typescript-eslint/max-params': 'off',
      '@typescript-eslint/no-empty-function': 'off',
      '@typescript-eslint/no-misused-spread': 'off',
      '@typescript-eslint/no-non-null-assertion': 'off',
      // Asymmetric matchers (`expect.any(String)`) are of type any.
      '@typescript-eslint/no-unsafe-assignment': 'off',
    },
  },
  {
    files: TOOLING,
    rules: {
      'no-console': 'off',
      'no-restricted-syntax': ['error', noExportStar],
    },
  },
  {
    files: ['**/*.js'],
    extends: [tseslint.configs.disableTypeChecked],
    languageOptions: { globals: { process: 'readonly' }, parserOptions: { projectService: false } },
  },
);
