import vue from '@vitejs/plugin-vue';
import { defineConfig } from 'vite';
import { alias, i18nFlags, precompress } from '../build/vite';

const backend = process.env.TONGPING_VENUE ?? 'http://127.0.0.1:8899';

export default defineConfig({
  base: '/terminal/',
  plugins: [vue(), precompress()],
  define: i18nFlags,
  resolve: { alias },
  build: { target: 'es2022', chunkSizeWarningLimit: 1200, assetsInlineLimit: 0, modulePreload: { polyfill: false } },
  server: { proxy: { '/api': { target: backend, secure: false, ws: true } } },
});
