/** `npm run -s assay -- …`: the command line from a checkout, rebuilt when a source is newer than the build. */
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { bin, ensureInstalled, ensureNode, node, root } from './run.mjs';

function newest(folder) {
  let time = 0;
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    time = Math.max(time, entry.isDirectory() ? newest(path) : statSync(path).mtimeMs);
  }
  return time;
}

ensureNode();
ensureInstalled();
const entry = join(root, 'dist/cli/assay.js');
const sources = Math.max(
  ...['src/core', 'src/cli', 'src/app/text'].map((f) => newest(join(root, f))),
  statSync(join(root, 'vite.config.ts')).mtimeMs,
);
if (!existsSync(entry) || statSync(entry).mtimeMs < sources) {
  const built = node([bin('vite'), 'build', '--mode', 'cli', '--logLevel', 'error'], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  if (built.status !== 0) process.exit(2);
}
// npm changes the folder; paths people type are relative to where they stand.
const done = node([entry, ...process.argv.slice(2)], { cwd: process.env.INIT_CWD ?? process.cwd() });
process.exit(done.status ?? 2);
