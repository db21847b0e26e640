/** Writes `public/db` from `db/`. */
import { createHash } from 'node:crypto';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { buildDatabase } from '../../src/core/db/build.ts';
import { readFacts } from './read.ts';

/** @returns what was written, for the build's log */
export async function build(from: string, to: string): Promise<{ files: number; bytes: number; known: number }> {
  const input = readFacts(from);
  const built = await buildDatabase(input, async (bytes) => createHash('sha256').update(bytes).digest());
  rmSync(to, { recursive: true, force: true });
  let total = 0;
  for (const [path, bytes] of built) {
    mkdirSync(dirname(join(to, path)), { recursive: true });
    writeFileSync(join(to, path), bytes);
    total += bytes.length;
  }
  return { files: built.size, bytes: total, known: input.files.length };
}
