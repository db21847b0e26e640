import { resolve } from 'node:path';
import { defineConfig } from 'vite';
import { sigstoreStandIns } from '../../scripts/sigstore-plugin.mjs';
import { cyclonedxValidators } from '../../scripts/cyclonedx-plugin.mjs';

const out = resolve(import.meta.dirname, '../.out');
const define = { __ASSAY_VERSION__: '"bench"', __ASSAY_COMMIT__: '""' };

/** `--mode node`: the thread. Otherwise the page and its worker. */
export default defineConfig(({ mode }) =>
  mode === 'node'
    ? {
        root: import.meta.dirname,
        logLevel: 'warn' as const,
        publicDir: false as const,
        define,
        plugins: [sigstoreStandIns(), cyclonedxValidators()],
        build: {
          ssr: resolve(import.meta.dirname, 'thread.ts'),
          outDir: resolve(out, 'attest-node'),
          emptyOutDir: true,
          target: 'node20',
        },
        ssr: { noExternal: true as const },
      }
    : {
        root: import.meta.dirname,
        base: './',
        logLevel: 'warn' as const,
        publicDir: false as const,
        define,
        worker: { format: 'es' as const, plugins: () => [sigstoreStandIns(), cyclonedxValidators()] },
        build: { outDir: resolve(out, 'attest-page'), emptyOutDir: true, target: 'es2022', assetsInlineLimit: 0 },
      },
);
