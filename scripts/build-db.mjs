/** Builds the known-file database, `public/db`, from the facts in `db/`. Part of `npm run build`. */
import { join } from 'node:path';
import { loadTs } from './run-ts.mjs';
import { root } from './run.mjs';

const { build } = await loadTs('scripts/db/main.ts');
const { files, bytes, known } = await build(join(root, 'db'), join(root, 'public/db'));
console.log(`${known} known files in ${files} files, ${bytes} bytes`);
