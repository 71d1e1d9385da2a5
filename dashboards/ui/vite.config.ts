import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';

/** Where `npm run dev` finds the API: a running Headroom or `npm run mock`. */
const api = process.env['HEADROOM_WEB'] ?? 'http://127.0.0.1:8091';

export default defineConfig({
  plugins: [react()],
  build: {
    target: 'es2022',
    // Nothing is inlined as a data: address, so the content policy stays strict.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    sourcemap: false,
  },
  server: { proxy: { '/api': api }, fs: { allow: ['.', '../../docs'] } },
  test: { include: ['src/**/*.test.{ts,tsx}'], environment: 'node' },
});
