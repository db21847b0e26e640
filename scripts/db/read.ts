/** Reads the project's copy of known-file facts: `db/known-files/<digit>.tsv`, one line per sighting. */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { DatabaseInput, KnownFile, KnownSighting } from '../../src/core/db/build.ts';
import { TRUSTS } from '../../src/core/db/shard.ts';

/** One entry of `db/sources.json`. */
interface SourceFacts {
  readonly repo: string;
  readonly commit: string;
  readonly licence: string;
  readonly read_on: string;
}

const FLAGS = ['moved', 'old', 'disputed'];

/** @throws Error naming file and line when a line is not as db/README.md describes it */
export function readFacts(folder: string): DatabaseInput {
  const sources = JSON.parse(readFileSync(join(folder, 'sources.json'), 'utf8')) as SourceFacts[];
  const meta = JSON.parse(readFileSync(join(folder, 'meta.json'), 'utf8')) as { sequence: number };
  const files: KnownFile[] = [];
  for (const name of readdirSync(join(folder, 'known-files')).sort()) {
    if (name.endsWith('.tsv'))
      files.push(...readTable(readFileSync(join(folder, 'known-files', name), 'utf8'), name, sources.length));
  }
  return {
    files,
    sources: sources.map((s) => ({
      name: new URL(s.repo).pathname.slice(1),
      url: s.repo,
      revision: s.commit,
      license: s.licence,
      read: s.read_on,
    })),
    models: readModels(readFileSync(join(folder, 'models.jsonl'), 'utf8')),
    sequence: meta.sequence,
    created:
      sources
        .map((s) => s.read_on)
        .sort()
        .at(-1) ?? '1970-01-01',
    tool: 'assay',
  };
}

/** `models.jsonl`: one model a line, families together, in the order of the catalogue. */
function readModels(text: string): { family: string; rows: unknown[] }[] {
  const families: { family: string; rows: unknown[] }[] = [];
  for (const line of text.split('\n')) {
    if (line === '') continue;
    // Where the facts stood upstream is for the maintainers of this list; without it every shard stays small.
    const { record: _record, ...row } = JSON.parse(line) as { family: string; record?: unknown };
    const last = families.at(-1);
    if (last?.family === row.family) last.rows.push(row);
    else families.push({ family: row.family, rows: [row] });
  }
  return families;
}

function readTable(text: string, name: string, sources: number): KnownFile[] {
  const files: { sha256: string; size: number | null; sightings: KnownSighting[] }[] = [];
  for (const [i, line] of text.split('\n').entries()) {
    if (line === '' || line.startsWith('#')) continue;
    const fail = (why: string): Error => new Error(`db/known-files/${name}:${i + 1}: ${why}`);
    const [
      sha256 = '',
      size = '',
      repo = '',
      file = '',
      revision = '',
      license = '',
      source = '',
      trust = '',
      flags = '',
      ...more
    ] = line.split('\t');
    if (!/^[0-9a-f]{64}$/.test(sha256)) throw fail('the first column is not a SHA-256');
    if (!/^(\d+|-)$/.test(size)) throw fail('the size is neither a number nor -');
    if (repo === '' || file === '') throw fail('repository or file is empty');
    if (!/^\d+$/.test(source) || Number(source) >= sources) throw fail('there is no such source');
    const known = TRUSTS.find((t) => t === trust);
    if (!known) throw fail(`trust is not one of ${TRUSTS.join(', ')}`);
    const marks = flags === '-' ? [] : flags.split(',');
    if (marks.some((m) => !FLAGS.includes(m)) || more.length > 0) throw fail('too many columns or an unknown flag');
    const sighting: KnownSighting = {
      repo,
      file,
      revision: revision === '-' ? null : revision,
      license: license === '-' ? null : license,
      source: Number(source),
      trust: known,
      moved: marks.includes('moved'),
      old: marks.includes('old'),
      disputed: marks.includes('disputed'),
    };
    const last = files.at(-1);
    if (last?.sha256 === sha256) last.sightings.push(sighting);
    else {
      if (last && last.sha256 > sha256) throw fail('lines are not sorted by digest');
      files.push({ sha256, size: size === '-' ? null : Number(size), sightings: [sighting] });
    }
  }
  return files;
}
