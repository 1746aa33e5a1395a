import { defineConfig } from 'vite';

export default defineConfig({
  // A second Yjs would make documents of one invisible to the other.
  resolve: { dedupe: ['yjs', 'y-protocols'] },
  build: { target: 'es2024', chunkSizeWarningLimit: 2000 },
});
