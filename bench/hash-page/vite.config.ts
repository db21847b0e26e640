import { resolve } from 'node:path';
import { defineConfig } from 'vite';
import { SECURITY_POLICY } from '../../workers/security-policy.ts';

/** The engine as the site builds it, behind the same Content-Security-Policy, with a page that only measures. */
export default defineConfig({
  root: import.meta.dirname,
  base: './',
  publicDir: false,
  logLevel: 'warn',
  define: { __ASSAY_VERSION__: '"bench"', __ASSAY_COMMIT__: '""' },
  plugins: [
    {
      name: 'policy',
      transformIndexHtml: () => [
        {
          tag: 'meta',
          attrs: { 'http-equiv': 'Content-Security-Policy', content: SECURITY_POLICY },
          injectTo: 'head-prepend',
        },
      ],
    },
  ],
  worker: { format: 'es' },
  build: {
    outDir: resolve(import.meta.dirname, '../.out/hash-page'),
    emptyOutDir: true,
    target: 'es2022',
    assetsInlineLimit: 0,
  },
});
