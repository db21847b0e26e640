/** The runner behind `npm run conformance`. Exit status: 0 all agree, 1 something differs or nothing was found, 2 usage. */
import { existsSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { browserEngine } from './engines/browser.ts';
import { nodeEngine } from './engines/node.ts';
import { KINDS, kindEntry } from './kinds.ts';

const USAGE = `usage: npm run -s conformance -- <${KINDS.map((kind) => kind.name).join('|')}> <folder> [--browser] [--only a,b]`;

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { browser: { type: 'boolean', default: false }, only: { type: 'string', default: '' } },
  });
  const [name, given, ...rest] = positionals;
  if (name === undefined || given === undefined || rest.length > 0) throw new Error(USAGE);
  const folder = resolve(given);
  if (!existsSync(folder) || !statSync(folder).isDirectory()) throw new Error(`${given} is no folder`);
  const entry = kindEntry(name);
  const kind = await entry.kind();
  const base = kind.base?.(folder) ?? folder;
  const engine = values.browser ? await browserEngine(name, base) : nodeEngine(name, base);
  try {
    const only = values.only.split(',').filter((part) => part !== '');
    const { agree, differ, remarks } = await kind.run({ folder, base, engine, only });
    for (const line of differ) console.log(`DIFFER ${line}`);
    for (const line of remarks) console.log(line);
    if (agree + differ.length === 0) console.log('no case was found');
    console.log(`${agree} agree, ${differ.length} differ`);
    return differ.length > 0 || agree === 0 ? 1 : 0;
  } finally {
    await engine.close();
  }
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 2;
}
