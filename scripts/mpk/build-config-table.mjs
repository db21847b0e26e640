/** Writes `src/core/signals/mpk/config-table.json`: `node scripts/mpk/build-config-table.mjs <config_defaults.json>`. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../run.mjs';
import { loadTs } from '../run-ts.mjs';

const [defaults] = process.argv.slice(2);
if (defaults === undefined) {
  console.error('node scripts/mpk/build-config-table.mjs <config_defaults.json of MPK’s golden data>');
  process.exit(2);
}
const read = (path) => JSON.parse(readFileSync(path, 'utf8'));
const { configTable } = await loadTs('scripts/mpk/config-table.ts');
const text = configTable(read(defaults).configs, read(join(root, 'scripts/mpk/config-probes.json')));
writeFileSync(join(root, 'src/core/signals/mpk/config-table.json'), text);
