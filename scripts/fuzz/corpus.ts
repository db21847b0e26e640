/** The files mutants are made of: committed fixtures, and the golden files beside the repository when they are there. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { MemorySource } from '../../src/core/bytes/memory.ts';
import { AppError } from '../../src/core/errors.ts';
import { looksLikeZip, openZip } from '../../src/core/formats/zip/archive.ts';
import { DEFLATED, isDirectory } from '../../src/core/formats/zip/entry.ts';
import { readEntry } from '../../src/core/formats/zip/read.ts';
import type { Part, Seed } from './seed.ts';

/** Larger files are left out: an input should take a millisecond. */
const SEED_MAX = 128 * 1024;
const PARTS_MAX = 64;
const FOLDERS = [
  'fixtures',
  '../shared/golden/formats',
  '../shared/golden/mpk',
  ...['picklescan', 'oms-generated', 'sigstore-generated', 'dvc', 'mlem'].map((name) => `../shared/corpora/${name}`),
];
/** Expectations and generators are no inputs. */
const LEFT_OUT = /(?:^|\/)(?:crashers|expected|generator|decode)\/|\.py$|expected\.json$|manifest\.json$/;

export class Corpus {
  readonly #seeds: readonly Seed[];

  private constructor(seeds: readonly Seed[]) {
    this.#seeds = seeds;
  }

  /** @param root the project's folder */
  static async load(root: string): Promise<Corpus> {
    const seeds: Seed[] = [];
    for (const folder of FOLDERS) {
      const path = join(root, folder);
      if (!existsSync(path)) continue;
      for (const name of readdirSync(path, { recursive: true, encoding: 'utf8' }).sort()) {
        const full = join(path, name);
        const shown = relative(root, full).replaceAll('\\', '/');
        if (LEFT_OUT.test(shown)) continue;
        const stat = statSync(full);
        if (!stat.isFile() || stat.size === 0 || stat.size > SEED_MAX) continue;
        seeds.push(await withParts(shown, new Uint8Array(readFileSync(full))));
      }
    }
    return new Corpus(seeds);
  }

  /** Seeds whose path matches; never none. */
  named(pattern: RegExp): readonly Seed[] {
    const found = this.#seeds.filter(({ name }) => pattern.test(name));
    if (found.length === 0) throw new Error(`no seed is named like ${pattern}`);
    return found;
  }
}

/** A seed made of text, for parsers whose inputs are no files. */
export function textSeed(text: string, name = 'text'): Seed {
  return { name, bytes: new TextEncoder().encode(text) };
}

export function jsonSeed(value: unknown): Seed {
  return textSeed(JSON.stringify(value));
}

async function withParts(name: string, bytes: Uint8Array): Promise<Seed> {
  if (!looksLikeZip(bytes)) return { name, bytes };
  const source = new MemorySource(name, bytes);
  const parts: Part[] = [];
  try {
    const { entries } = await openZip(source);
    if (entries.length > PARTS_MAX) return { name, bytes };
    for (const entry of entries) {
      if (isDirectory(entry)) continue;
      const content = await readEntry(source, entry, undefined, SEED_MAX);
      parts.push({
        name: entry.name,
        seed: { name: `${name}!${entry.name}`, bytes: content },
        deflate: entry.method === DEFLATED,
      });
    }
  } catch (error) {
    if (error instanceof AppError) return { name, bytes };
    throw error;
  }
  return parts.length === 0 ? { name, bytes } : { name, bytes, parts };
}
