import { resolve } from 'node:path';
import { defineConfig } from 'vite';

export default defineConfig({
  root: import.meta.dirname,
  base: './',
  publicDir: false,
  logLevel: 'warn',
  worker: { format: 'es' },
  build: { outDir: resolve(import.meta.dirname, '../../.out/mpk-page'), emptyOutDir: true, target: 'es2022' },
});
