import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import type { Plugin } from 'vite';
import { VitePWA } from 'vite-plugin-pwa';
import { defineConfig } from 'vitest/config';
import { cyclonedxValidators } from './scripts/cyclonedx-plugin.mjs';
import { sigstoreStandIns } from './scripts/sigstore-plugin.mjs';
import { SECURITY_POLICY } from './workers/security-policy.ts';

const root = import.meta.dirname;
const { version } = JSON.parse(readFileSync(resolve(root, 'package.json'), 'utf8')) as { version: string };

/** The commit this was built from, for reports; empty outside a checkout. */
function commit(): string {
  try {
    return execFileSync('git', ['rev-parse', '--short=12', 'HEAD'], { cwd: root, stdio: ['ignore', 'pipe', 'ignore'] })
      .toString()
      .trim();
  } catch {
    return '';
  }
}

const define = { __ASSAY_VERSION__: JSON.stringify(version), __ASSAY_COMMIT__: JSON.stringify(commit()) };

/** Writes the policy into the built page. Not while developing: the development server injects inline styles. */
function securityPolicy(): Plugin {
  return {
    name: 'assay-security-policy',
    apply: 'build',
    transformIndexHtml: () => [
      {
        tag: 'meta',
        attrs: { 'http-equiv': 'Content-Security-Policy', content: SECURITY_POLICY },
        injectTo: 'head-prepend' as const,
      },
    ],
  };
}

/** Our own short service worker; the plugin only builds it and writes in the list of files with their revisions. */
const serviceWorker = () =>
  VitePWA({
    strategies: 'injectManifest',
    srcDir: '../../workers',
    filename: 'service-worker.ts',
    injectRegister: false,
    manifest: false,
    injectManifest: {
      globPatterns: ['**/*'],
      // Not needed to run: source maps, the published schema.
      globIgnores: ['**/*.map', 'schema/**', 'service-worker.js'],
      // Larger files would be fetched by everybody on the first visit: they are cached when first used.
      maximumFileSizeToCacheInBytes: 4 * 2 ** 20,
    },
  });

export default defineConfig(({ mode }) => {
  if (mode === 'test') {
    return {
      root,
      define,
      plugins: [cyclonedxValidators()],
      test: {
        root,
        include: ['{src,workers,scripts,e2e}/**/*.test.ts'],
        environment: 'node',
        testTimeout: 30_000,
        globalSetup: 'scripts/build-kernels.mjs',
      },
    };
  }
  if (mode === 'cli') {
    return {
      root,
      define,
      publicDir: false as const,
      plugins: [sigstoreStandIns(), cyclonedxValidators()],
      build: {
        ssr: true,
        target: 'node20',
        outDir: resolve(root, 'dist/cli'),
        emptyOutDir: true,
        rollupOptions: {
          input: { assay: resolve(root, 'src/cli/main.ts'), thread: resolve(root, 'src/cli/thread.ts') },
          // All in one folder: threads are started from `thread.js` beside whatever chunk starts them.
          output: { entryFileNames: '[name].js', chunkFileNames: '[name]-[hash].js', banner: '#!/usr/bin/env node' },
        },
      },
      ssr: { noExternal: true as const },
    };
  }
  return {
    root: resolve(root, 'src/app'),
    // Relative addresses: the same build works under any path of a static host.
    base: './',
    publicDir: resolve(root, 'public'),
    define,
    plugins: [svelte(), cyclonedxValidators(), securityPolicy(), serviceWorker()],
    worker: { format: 'es' as const, plugins: () => [sigstoreStandIns(), cyclonedxValidators()] },
    build: {
      outDir: resolve(root, 'dist/site'),
      emptyOutDir: true,
      target: 'es2022',
      // Inlined assets would need data: in the Content-Security-Policy.
      assetsInlineLimit: 0,
    },
    server: { fs: { allow: [root] } },
  };
});
