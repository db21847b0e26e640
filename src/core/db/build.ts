/** Builds the database's files from known-file facts: a pure function, the same facts give the same bytes. */
import { toBase64 } from '../bytes/base64.ts';
import { toHex } from '../bytes/hex.ts';
import { canonicalJson, type Json } from '../formats/jcs.ts';
import { DB_SHARDS_IN_MANIFEST } from '../limits.ts';
import { modelsPath } from './catalogue.ts';
import {
  DB_FORMAT,
  DB_VERSION,
  MANIFEST,
  PREFIX_MAX,
  SECTION_FILES,
  sectionPath,
  type Manifest,
  type ManifestSource,
} from './manifest.ts';
import {
  FLAG_DISPUTED,
  FLAG_MOVED,
  FLAG_OLD,
  shardPath,
  TRUSTS,
  type Shard,
  type ShardRow,
  type Trust,
} from './shard.ts';

export interface KnownFile {
  /** Lower-case hex. */
  readonly sha256: string;
  readonly size: number | null;
  /** Best evidence first. */
  readonly sightings: readonly KnownSighting[];
}

export interface KnownSighting {
  readonly repo: string;
  readonly file: string;
  readonly revision: string | null;
  readonly license: string | null;
  /** Index into the sources. */
  readonly source: number;
  readonly trust: Trust;
  readonly moved: boolean;
  readonly old: boolean;
  readonly disputed: boolean;
}

export interface DatabaseInput {
  readonly files: readonly KnownFile[];
  readonly sources: readonly Omit<ManifestSource, 'rows'>[];
  /** Catalogue of models by family, in catalogue order. */
  readonly models?: readonly { readonly family: string; readonly rows: readonly unknown[] }[];
  /** Parquet files with weight signals that lie beside the shards. */
  readonly deep?: number;
  /** Goes up with every published change. */
  readonly sequence: number;
  /** ISO date of the newest fact. */
  readonly created: string;
  readonly tool: string;
}

type Sha256 = (bytes: Uint8Array) => Promise<Uint8Array>;

/** Every shard stays at or below this, so that a look-up costs one small request. */
const SHARD_TARGET = 64 * 1024;
/** At least 256 shards: the host learns no more than one prefix of two digits. */
const PREFIX_MIN = 2;

/**
 * @param shardMax shards are cut by as many digits as keep them at or below this many bytes
 * @returns path below the database's root → its bytes, UTF-8 JSON without white space
 */
export async function buildDatabase(
  input: DatabaseInput,
  sha256: Sha256,
  shardMax: number = SHARD_TARGET,
): Promise<Map<string, Uint8Array>> {
  const out = new Map<string, Uint8Array>();
  const { prefix, digests } = await cutShards(input.files, sha256, shardMax, out);
  const shards = 16 ** prefix;
  const listed =
    shards <= DB_SHARDS_IN_MANIFEST
      ? { digests: toBase64(digests) }
      : { index: toBase64(await cutSections(digests, sha256, out)) };
  const families = input.models && (await cutModels(input.models, sha256, out));
  const models = families && { ...families, ...(input.deep === undefined ? {} : { deep: input.deep }) };
  const manifest: Omit<Manifest, 'id'> = {
    format: DB_FORMAT,
    version: DB_VERSION,
    sequence: input.sequence,
    created: input.created,
    tool: input.tool,
    key: null,
    counts: { files: input.files.length, sightings: input.files.reduce((sum, f) => sum + f.sightings.length, 0) },
    sources: input.sources.map((source, n) => ({ ...source, rows: rowsOf(input.files, n) })),
    sections: { files: { prefix, rows: input.files.length, shards, ...listed }, ...(models ? { models } : {}) },
  };
  out.set(MANIFEST, encode({ ...manifest, id: await manifestId(manifest, sha256) }));
  return out;
}

/** One shard for each family of the catalogue, with its digest. */
async function cutModels(
  models: NonNullable<DatabaseInput['models']>,
  sha256: Sha256,
  out: Map<string, Uint8Array>,
): Promise<NonNullable<Manifest['sections']['models']>> {
  const families: [string, string][] = [];
  for (const { family, rows } of models) {
    const bytes = encode({ section: 'models', family, rows });
    families.push([family, toHex(await sha256(bytes))]);
    out.set(modelsPath(family), bytes);
  }
  return { rows: models.reduce((sum, { rows }) => sum + rows.length, 0), families };
}

function encode(value: unknown): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(value));
}

function rowsOf(files: readonly KnownFile[], source: number): number {
  return files.reduce((sum, f) => sum + (f.sightings.some((s) => s.source === source) ? 1 : 0), 0);
}

/** Cuts rows into shards by the fewest digits that keep every shard small, and digests them in prefix order. */
async function cutShards(
  files: readonly KnownFile[],
  sha256: Sha256,
  shardMax: number,
  out: Map<string, Uint8Array>,
): Promise<{ prefix: number; digests: Uint8Array }> {
  const sorted = [...files].sort((a, b) => (a.sha256 < b.sha256 ? -1 : 1));
  for (let prefix = PREFIX_MIN; ; prefix += 1) {
    const made = shardsOf(sorted, prefix);
    if (prefix < PREFIX_MAX && made.some(([, bytes]) => bytes.length > shardMax)) continue;
    const digests = new Uint8Array(made.length * 32);
    for (const [i, [path, bytes]] of made.entries()) {
      digests.set(await sha256(bytes), i * 32);
      out.set(path, bytes);
    }
    return { prefix, digests };
  }
}

/** Every prefix has its shard, empty or not: what a host lacks is then always something missing. */
function shardsOf(sorted: readonly KnownFile[], width: number): (readonly [path: string, bytes: Uint8Array])[] {
  const byPrefix = new Map<string, KnownFile[]>();
  for (const file of sorted) {
    const prefix = file.sha256.slice(0, width);
    const known = byPrefix.get(prefix);
    if (known === undefined) byPrefix.set(prefix, [file]);
    else known.push(file);
  }
  return Array.from({ length: 16 ** width }, (_, i) => {
    const prefix = i.toString(16).padStart(width, '0');
    return [shardPath(prefix), encode(makeShard(prefix, byPrefix.get(prefix) ?? []))] as const;
  });
}

/** @returns SHA-256 of the section files, concatenated */
async function cutSections(digests: Uint8Array, sha256: Sha256, out: Map<string, Uint8Array>): Promise<Uint8Array> {
  const each = digests.length / SECTION_FILES;
  const index = new Uint8Array(SECTION_FILES * 32);
  for (let i = 0; i < SECTION_FILES; i += 1) {
    const prefix = i.toString(16).padStart(2, '0');
    const bytes = encode({ section: 'files', prefix, digests: toBase64(digests.subarray(i * each, (i + 1) * each)) });
    index.set(await sha256(bytes), i * 32);
    out.set(sectionPath(prefix), bytes);
  }
  return index;
}

/** SHA-256 of the manifest without `id`, `created` and `tool`, in RFC 8785 form: lower-case hex. */
export async function manifestId(manifest: Omit<Manifest, 'id'>, sha256: Sha256): Promise<string> {
  const { created: _created, tool: _tool, ...stable } = manifest;
  const plain = Object.fromEntries(Object.entries(stable).filter(([key]) => key !== 'id')) as { [key: string]: Json };
  return toHex(await sha256(new TextEncoder().encode(canonicalJson(plain))));
}

function makeShard(prefix: string, files: readonly KnownFile[]): Shard {
  const sightings = files.flatMap((f) => f.sightings);
  const repos = sortedUnique(sightings.map((s) => s.repo));
  const licenses = sortedUnique(sightings.flatMap((s) => (s.license === null ? [] : [s.license])));
  const repoAt = new Map(repos.map((repo, i) => [repo, i]));
  const licenseAt = new Map(licenses.map((license, i) => [license, i]));
  const rows = files.map((file): ShardRow => [
    file.sha256.slice(prefix.length),
    file.size,
    file.sightings.map((s) => [
      repoAt.get(s.repo)!,
      s.file,
      s.revision,
      s.license === null ? null : licenseAt.get(s.license)!,
      s.source,
      TRUSTS.indexOf(s.trust),
      (s.moved ? FLAG_MOVED : 0) + (s.old ? FLAG_OLD : 0) + (s.disputed ? FLAG_DISPUTED : 0),
    ]),
  ]);
  return { section: 'files', prefix, repos, licenses, rows };
}

function sortedUnique(values: readonly string[]): string[] {
  return [...new Set(values)].sort();
}
