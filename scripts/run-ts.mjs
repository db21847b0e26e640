/** Runs a TypeScript entry of this project in Node: bundled by Vite, so that Node 20 (which strips no types) can load it. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'vite';
import { root } from './run.mjs';
import { cyclonedxValidators } from './cyclonedx-plugin.mjs';
import { sigstoreStandIns } from './sigstore-plugin.mjs';

/**
 * @param {string} entry path from the project's root
 * @returns {Promise<Record<string, unknown>>} the module's exports
 */
export async function loadTs(entry) {
  return import(`${await bundleTs(entry)}?t=${Date.now()}`);
}

/**
 * @param {string} entry path from the project's root
 * @returns {Promise<string>} where the bundle is, as an address to import
 */
export async function bundleTs(entry) {
  const outDir = join(root, 'node_modules/.cache/assay-scripts', entry.replace(/[^A-Za-z0-9]+/g, '-'));
  mkdirSync(outDir, { recursive: true });
  await build({
    root,
    configFile: false,
    logLevel: 'error',
    publicDir: false,
    plugins: [sigstoreStandIns(), cyclonedxValidators()],
    build: {
      ssr: true,
      target: 'node20',
      outDir,
      emptyOutDir: true,
      minify: false,
      rollupOptions: { input: join(root, entry), output: { entryFileNames: 'main.mjs' } },
    },
  });
  return pathToFileURL(join(outDir, 'main.mjs')).href;
}
