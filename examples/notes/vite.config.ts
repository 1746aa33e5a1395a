import react from '@vitejs/plugin-react';
import { defaultClientConditions, defineConfig } from 'vite';

export default defineConfig({
  plugins: [react()],
  resolve: {
    conditions: ['weft-source', ...defaultClientConditions],
    // A second Yjs would make documents of one invisible to the other.
    dedupe: ['yjs', 'react', 'react-dom'],
  },
  build: {
    target: 'es2024',
    // One file on purpose: a part that is fetched later cannot be fetched by somebody who has gone offline meanwhile.
    chunkSizeWarningLimit: 1000,
  },
});
