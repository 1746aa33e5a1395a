import { defaultClientConditions, defineConfig } from 'vite';

export default defineConfig({
  resolve: {
    conditions: ['weft-source', ...defaultClientConditions],
    // A second Yjs would make documents of one invisible to the other.
    dedupe: ['yjs', 'y-protocols'],
  },
  build: { target: 'es2024', chunkSizeWarningLimit: 2000 },
});
