/** Builds the database's files from known-file facts: a pure function, the same facts give the same bytes. */
import { toBase64 } from '../bytes/base64.ts';
import { toHex } from '../bytes/hex.ts';
import { canonicalJson, type Json } from './jcs.ts';
import { DB_FORMAT, DB_VERSION, FILES_PREFIX, type Manifest, type ManifestSource } from './manifest.ts';
import { FLAG_DISPUTED, FLAG_MOVED, FLAG_OLD, shardPath, TRUSTS, type Shard, type ShardRow, type Trust } from './shard.ts';

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
  /** Goes up with every published change. */
  readonly sequence: number;
  /** ISO date of the newest fact. */
  readonly created: string;
  readonly tool: string;
}

type Sha256 = (bytes: Uint8Array) => Promise<Uint8Array>;

/** @returns path below the database's root → its bytes, UTF-8 JSON without white space */
export async function buildDatabase(input: DatabaseInput, sha256: Sha256): Promise<Map<string, Uint8Array>> {
  const encode = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));
  const out = new Map<string, Uint8Array>();
  const byPrefix = new Map<string, KnownFile[]>();
  for (const file of [...input.files].sort((a, b) => (a.sha256 < b.sha256 ? -1 : 1))) {
    const prefix = file.sha256.slice(0, FILES_PREFIX);
    byPrefix.set(prefix, [...(byPrefix.get(prefix) ?? []), file]);
  }
  const shards = 16 ** FILES_PREFIX;
  const digests = new Uint8Array(shards * 32);
  for (let i = 0; i < shards; i += 1) {
    const prefix = i.toString(16).padStart(FILES_PREFIX, '0');
    const bytes = encode(makeShard(prefix, byPrefix.get(prefix) ?? []));
    digests.set(await sha256(bytes), i * 32);
    out.set(shardPath(prefix), bytes);
  }
  const sightings = input.files.flatMap((f) => f.sightings);
  const rowsOf = (n: number): number => input.files.filter((f) => f.sightings.some((s) => s.source === n)).length;
  const manifest: Omit<Manifest, 'id'> = {
    format: DB_FORMAT,
    version: DB_VERSION,
    sequence: input.sequence,
    created: input.created,
    tool: input.tool,
    key: null,
    counts: { files: input.files.length, sightings: sightings.length },
    sources: input.sources.map((source, n) => ({ ...source, rows: rowsOf(n) })),
    sections: { files: { prefix: FILES_PREFIX, rows: input.files.length, shards, digests: toBase64(digests) } },
  };
  out.set('manifest.json', encode({ ...manifest, id: await manifestId(manifest, sha256) }));
  return out;
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
