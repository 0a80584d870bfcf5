import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  plugins: [svelte()],
  clearScreen: false,
  server: { host: '127.0.0.1', strictPort: true },
  // The floor is WebKitGTK 2.38 and Safari 16; WebView2 is evergreen.
  build: { target: ['safari16', 'chrome110'], modulePreload: { polyfill: false }, sourcemap: false },
  resolve: process.env.VITEST ? { conditions: ['browser'] } : undefined,
  test: {
    testTimeout: 60_000,
    environment: 'jsdom',
    setupFiles: ['src/test-setup.ts'],
    include: ['src/**/*.test.ts'],
  },
});
