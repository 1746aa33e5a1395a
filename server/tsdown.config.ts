import { defineConfig } from 'tsdown';

// One file per source file, so that each worker stays beside the file that starts it.
export default defineConfig({
  entry: ['src/index.ts', 'src/main.ts', 'src/testing/index.ts', 'src/**/*Worker.ts'],
  unbundle: true,
  platform: 'node',
  fixedExtension: false,
  dts: true,
  deps: { neverBundle: [/^@weft\//] },
});
