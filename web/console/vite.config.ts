import vue from '@vitejs/plugin-vue';
import { defineConfig } from 'vite';
import { alias, i18nFlags, precompress } from '../build/vite';

const backend = process.env.TONGPING_COORDINATOR ?? 'http://127.0.0.1:8899';

export default defineConfig({
  plugins: [vue(), precompress()],
  define: i18nFlags,
  resolve: { alias },
  build: {
    target: 'es2022',
    chunkSizeWarningLimit: 1200,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rollupOptions: {
      output: {
        manualChunks(id) {
          if (id.includes('node_modules/echarts') || id.includes('node_modules/zrender')) return 'charts';
          if (/node_modules\/(element-plus|@element-plus|@floating-ui|@popperjs|lodash|async-validator|dayjs)/.test(id)) return 'elements';
          if (id.includes('node_modules')) return id.includes('libsodium') ? 'sodium' : 'vue';
          return undefined;
        },
      },
    },
  },
  server: { proxy: { '/api': { target: backend, secure: false, ws: true } } },
});
