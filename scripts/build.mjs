/** `npm run build`: database, kernels, site, command line. Everything from files of this repository. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { bin, node, root } from './run.mjs';

const vite = bin('vite');
const steps = [
  ['kernels', [join(root, 'scripts/build-kernels.mjs')]],
  ['database', [join(root, 'scripts/build-db.mjs')]],
  ['demo models', [join(root, 'scripts/build-demo.mjs')]],
  ['site', [vite, 'build', '--logLevel', 'warn']],
  ['command line', [vite, 'build', '--mode', 'cli', '--logLevel', 'warn']],
];
for (const [name, args] of steps) {
  if (args[0] !== vite && !existsSync(args[0])) continue;
  const started = performance.now();
  if (node(args).status !== 0) {
    console.error(`build: ${name} failed`);
    process.exit(1);
  }
  console.log(`build: ${name} ${((performance.now() - started) / 1000).toFixed(1)} s`);
}
