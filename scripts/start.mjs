/** `npm start`: installs what is missing, builds, serves, prints the address. */
import { join } from 'node:path';
import { ensureInstalled, ensureNode, node, root } from './run.mjs';
import { serve } from './serve.mjs';

ensureNode();
ensureInstalled();
if (node([join(root, 'scripts/build.mjs')]).status !== 0) process.exit(1);

const port = Number(process.env.PORT ?? 4173);
const dir = join(root, 'dist/site');
const { url } = await serve({ dir, port }).catch((error) => {
  if (error.code !== 'EADDRINUSE') throw error;
  return serve({ dir, port: 0 });
});
console.log(`\nAssay is ready:  ${url}\nPress Ctrl+C to stop.`);
