import vue from '@vitejs/plugin-vue';
import { defineConfig } from 'vitest/config';
import { alias, i18nFlags } from './build/vite';

export default defineConfig({
  plugins: [vue()],
  define: i18nFlags,
  resolve: { alias },
  test: {
    environment: 'happy-dom',
    include: ['shared/src/**/*.test.ts', 'console/src/**/*.test.ts', 'terminal/src/**/*.test.ts'],
    testTimeout: 10_000,
  },
});
