/**
 * Two budgets: source files stay small, and the first load of the site stays at or below 70 kB gzip of JavaScript
 * (what index.html names and what that imports statically; everything else is lazy).
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { gzipSync } from 'node:zlib';
import { root } from './run.mjs';

const FIRST_LOAD_MAX = 70_000;
const LINES_MAX = 400;
/** Files that may be longer, with the reason. */
const LONG_FILES = {};

const problems = [];

function* walk(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* walk(path);
    else yield path;
  }
}

const lengths = [];
for (const folder of ['src', 'workers', 'scripts', 'bench', 'e2e']) {
  for (const file of walk(join(root, folder))) {
    if (!/\.(ts|mjs|svelte|css)$/.test(file) || file.includes('/.out/')) continue;
    const lines = readFileSync(file, 'utf8').split('\n').length;
    const name = relative(root, file);
    if (/^(src|workers)\//.test(name) && !/\.(test|suite)\.ts$/.test(name)) lengths.push(lines);
    if (lines > LINES_MAX && !name.endsWith('.test.ts') && !(name in LONG_FILES))
      problems.push(`${name} has ${lines} lines (at most ${LINES_MAX})`);
  }
}
lengths.sort((a, b) => a - b);
const at = (q) => lengths[Math.min(lengths.length - 1, Math.floor(q * lengths.length))];
console.log(`source files: ${lengths.length}, median ${at(0.5)} lines, p90 ${at(0.9)}, longest ${at(1)}`);

const site = join(root, 'dist/site');
if (!existsSync(join(site, 'index.html'))) {
  problems.push('dist/site is missing: run npm run build first');
} else {
  const html = readFileSync(join(site, 'index.html'), 'utf8');
  const queue = [...html.matchAll(/<(?:script|link)[^>]+(?:src|href)="([^"]+\.js)"/g)].map((m) => join(site, m[1]));
  const seen = new Set();
  let bytes = 0;
  while (queue.length > 0) {
    const file = queue.pop();
    if (seen.has(file) || !existsSync(file)) continue;
    seen.add(file);
    const text = readFileSync(file, 'utf8');
    bytes += gzipSync(text, { level: 9 }).length;
    // Static imports of the bundler's output; dynamic import() is lazy and does not count.
    for (const m of text.matchAll(/(?:^|[;\n}])\s*(?:import|export)\s*(?:[^;"'()]*?from\s*)?["'](\.[^"']+\.js)["']/g))
      queue.push(join(dirname(file), m[1]));
  }
  console.log(`first load: ${seen.size} scripts, ${bytes} bytes gzip (at most ${FIRST_LOAD_MAX})`);
  if (seen.size === 0) problems.push('index.html names no script: the budget measured nothing');
  if (bytes > FIRST_LOAD_MAX) problems.push(`first load is ${bytes} bytes gzip, over ${FIRST_LOAD_MAX}`);
}

for (const problem of problems) console.error(problem);
process.exit(problems.length === 0 ? 0 : 1);
