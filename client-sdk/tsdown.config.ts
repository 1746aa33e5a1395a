import { defineConfig } from 'tsdown';

// What package.json names in `exports`. Dependencies stay imports, so that an application has one of each.
export default defineConfig({
  entry: {
    index: 'src/index.ts',
    protocol: 'protocol/index.ts',
    offline: 'src/offline/index.ts',
    react: 'src/react/index.ts',
    testing: 'src/testing/index.ts',
  },
  format: 'esm',
  platform: 'neutral',
  dts: true,
  clean: true,
  sourcemap: true,
});
