/**
 * Rewrites `db/known-files/*.tsv` and `db/sources.json` from a folder of facts (`known-files.jsonl`, `sources.json`),
 * the form described in db/README.md. Run by hand when facts change: node scripts/db/import-facts.mjs <folder>
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../run.mjs';

const folder = process.argv[2];
if (!folder) {
  console.error('usage: node scripts/db/import-facts.mjs <folder with known-files.jsonl and sources.json>');
  process.exit(2);
}
const COLUMNS = ['# sha256', 'size', 'repository', 'file', 'revision', 'licence', 'source', 'trust', 'flags'].join(
  '\t',
);
const tables = new Map();
for (const line of readFileSync(join(folder, 'known-files.jsonl'), 'utf8').split('\n')) {
  if (line === '') continue;
  const { sha256, size, sightings } = JSON.parse(line);
  for (const s of sightings) {
    const flags = ['moved', 'old', 'disputed'].filter((flag) => s[flag]).join(',') || '-';
    const row = [sha256, size ?? '-', s.repo, s.file, s.revision ?? '-', s.license ?? '-', s.source, s.trust, flags];
    if (row.some((cell) => /[\t\n\r]/.test(String(cell))))
      throw new Error(`${sha256}: a value holds a tab or line end`);
    const key = sha256[0];
    if (!tables.has(key)) tables.set(key, [COLUMNS]);
    tables.get(key).push(row.join('\t'));
  }
}
for (const [key, lines] of tables) writeFileSync(join(root, 'db/known-files', `${key}.tsv`), `${lines.join('\n')}\n`);

const sources = JSON.parse(readFileSync(join(folder, 'sources.json'), 'utf8'));
const list = Array.isArray(sources) ? sources : sources.sources;
writeFileSync(join(root, 'db/sources.json'), `[\n${list.map((s) => JSON.stringify(s)).join(',\n')}\n]\n`);
console.log(`${tables.size} tables, ${list.length} sources`);
