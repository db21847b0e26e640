/**
 * `npm run -s conformance -- <kind> <folder> [--browser] [--only a,b]`: bundles the runner with Vite and starts it. The
 * bundle is what users get, so the runner measures the code as it is shipped, in Node or in Chromium.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'vite';
import { ensureNode, node, root } from './run.mjs';
import { cyclonedxValidators } from './cyclonedx-plugin.mjs';
import { sigstoreStandIns } from './sigstore-plugin.mjs';

ensureNode();

const cache = join(root, 'node_modules/.cache');
mkdirSync(cache, { recursive: true });
// One folder for each run: two may be under way.
const out = mkdtempSync(join(cache, 'conformance-'));
process.on('exit', () => rmSync(out, { recursive: true, force: true }));
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(2));

const entry = (name) => join(root, 'scripts/conformance', name);
const common = {
  configFile: false,
  root,
  logLevel: 'error',
  publicDir: false,
  plugins: [sigstoreStandIns(), cyclonedxValidators()],
};
const output = { entryFileNames: '[name].js', chunkFileNames: '[name]-[hash].js' };

await build({
  ...common,
  // As in the command line that is shipped: with the stand-ins.
  ssr: { noExternal: [/^@sigstore\//] },
  build: {
    ssr: true,
    target: 'node20',
    outDir: join(out, 'node'),
    rollupOptions: { input: { main: entry('main.ts'), 'node-worker': entry('node-worker.ts') }, output },
  },
});
if (process.argv.includes('--browser')) {
  await build({
    ...common,
    build: {
      target: 'es2022',
      outDir: join(out, 'browser'),
      modulePreload: false,
      rollupOptions: { input: { 'browser-worker': entry('browser-worker.ts') }, output },
    },
  });
}
const ran = node([join(out, 'node/main.js'), ...process.argv.slice(2)], { cwd: process.cwd() });
process.exitCode = ran.status ?? 2;
