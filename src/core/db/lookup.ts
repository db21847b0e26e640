/**
 * Looks digests up in a database of static files. The host learns which shards were asked for (one of 256), never the
 * digest. It is not trusted: every shard is held against the manifest's SHA-256 before a row of it is believed.
 */
import { toHex } from '../bytes/hex.ts';
import { AppError, throwIfAborted } from '../errors.ts';
import { DB_SHARD_MAX } from '../limits.ts';
import { manifestId } from './build.ts';
import {
  digestList,
  MANIFEST,
  readManifest,
  readSectionFile,
  SECTION_FILES,
  sectionPath,
  type Manifest,
} from './manifest.ts';
import { FLAG_DISPUTED, FLAG_MOVED, FLAG_OLD, readShard, shardPath, TRUSTS, type Shard, type Trust } from './shard.ts';

/** Older than this is said, not refused: a database ages, it does not spoil. Days. */
export const DB_STALE_DAYS = 180;

/** How the files of a database are got: over HTTP, from a folder, from a pack. */
export interface DatabaseFiles {
  /**
   * @param path below the database's root, `files/0a.json`
   * @returns its bytes, or null when the place answered that it has no such file
   * @throws AppError SOURCE_* when it could not be asked, SOURCE_TOO_LARGE above `most` bytes
   */
  get(path: string, most: number, signal?: AbortSignal): Promise<Uint8Array | null>;
}

/** One place that named these bytes. */
export interface KnownSightingFound {
  readonly sha256: string;
  readonly size: number | null;
  readonly repo: string;
  readonly file: string;
  readonly revision: string | null;
  readonly license: string | null;
  readonly trust: Trust;
  readonly moved: boolean;
  readonly old: boolean;
  readonly disputed: boolean;
  readonly source: Manifest['sources'][number];
}

export class Database {
  readonly manifest: Manifest;
  /** A signature comes with the manifest (`manifest.json.minisig`) once there is a key; until then this says so. */
  readonly signature = 'unsigned';
  readonly #files: DatabaseFiles;
  readonly #sha256: Sha256;
  readonly #shards = new Map<string, Promise<Shard>>();

  constructor(manifest: Manifest, files: DatabaseFiles, sha256: Sha256) {
    this.manifest = manifest;
    this.#files = files;
    this.#sha256 = sha256;
  }

  /**
   * Every sighting of the file with this SHA-256, best evidence first; empty when the database does not hold it.
   *
   * @param sha256 64 lower-case hex digits
   * @throws AppError DB_SHARD_MISSING {file}, DB_SHARD_DIGEST {file, expected, actual}, DB_FORMAT: never "not known"
   */
  async find(sha256: string, signal?: AbortSignal): Promise<readonly KnownSightingFound[]> {
    if (!/^[0-9a-f]{64}$/.test(sha256)) throw new AppError('CLAIM_DIGEST', { digest: sha256.slice(0, 100) });
    const width = this.manifest.sections.files.prefix;
    const shard = await this.#shard(sha256.slice(0, width), signal);
    const row = search(shard.rows, sha256.slice(width));
    if (!row) return [];
    const [, size, sightings] = row;
    return sightings.map(([repo, file, revision, license, source, trust, flags]) => ({
      sha256,
      size,
      repo: at(shard.repos, repo, shard.prefix),
      file,
      revision,
      license: license === null ? null : at(shard.licenses, license, shard.prefix),
      trust: at(TRUSTS, trust, shard.prefix),
      moved: (flags & FLAG_MOVED) !== 0,
      old: (flags & FLAG_OLD) !== 0,
      disputed: (flags & FLAG_DISPUTED) !== 0,
      source: at(this.manifest.sources, source, shard.prefix),
    }));
  }

  #shard(prefix: string, signal?: AbortSignal): Promise<Shard> {
    const known = this.#shards.get(prefix);
    if (known) return known;
    const shard = this.#load(prefix, signal);
    this.#shards.set(prefix, shard);
    // A failed load is tried again next time.
    shard.catch(() => this.#shards.delete(prefix));
    return shard;
  }

  async #load(prefix: string, signal?: AbortSignal): Promise<Shard> {
    const file = shardPath(prefix);
    const bytes = await this.#verified(file, await this.#digestOf(prefix, signal), signal);
    return readShard(parseJson(bytes, file), prefix);
  }

  /** The stated SHA-256 of a shard: in the manifest, or in a section file that the manifest states. */
  async #digestOf(prefix: string, signal?: AbortSignal): Promise<Uint8Array> {
    const { digests, index = '', shards } = this.manifest.sections.files;
    const at = (list: Uint8Array, i: number): Uint8Array => list.subarray(i * 32, i * 32 + 32);
    if (digests !== undefined) return at(digestList(digests, MANIFEST), Number.parseInt(prefix, 16));
    const part = prefix.slice(0, 2);
    const file = sectionPath(part);
    const expected = at(digestList(index, MANIFEST), Number.parseInt(part, 16));
    const bytes = await this.#verified(file, expected, signal);
    const listed = readSectionFile(parseJson(bytes, file), part, shards);
    return at(listed, Number.parseInt(prefix.slice(2), 16) % (shards / SECTION_FILES));
  }

  async #verified(file: string, digest: Uint8Array, signal?: AbortSignal): Promise<Uint8Array> {
    throwIfAborted(signal);
    const bytes = await this.#files.get(file, DB_SHARD_MAX, signal);
    if (bytes === null) throw new AppError('DB_SHARD_MISSING', { file });
    const expected = toHex(digest);
    const actual = toHex(await this.#sha256(bytes));
    if (actual !== expected) throw new AppError('DB_SHARD_DIGEST', { file, expected, actual });
    return bytes;
  }
}

type Sha256 = (bytes: Uint8Array) => Promise<Uint8Array>;

export interface OpenDatabaseOptions {
  readonly files: DatabaseFiles;
  readonly sha256: Sha256;
  /** The highest sequence seen of a database with the same key; a lower one is refused. */
  readonly seen?: number;
}

/**
 * Opens a database by its manifest.
 *
 * @throws AppError DB_MANIFEST_MISSING, DB_FORMAT {file, where}, DB_TOO_NEW {version, known},
 *   DB_ROLLED_BACK {sequence, seen}, SOURCE_*
 */
export async function openDatabase(
  { files, sha256, seen = 0 }: OpenDatabaseOptions,
  signal?: AbortSignal,
): Promise<Database> {
  const bytes = await files.get(MANIFEST, DB_SHARD_MAX, signal);
  if (bytes === null) throw new AppError('DB_MANIFEST_MISSING');
  const manifest = readManifest(parseJson(bytes, MANIFEST));
  if ((await manifestId(manifest, sha256)) !== manifest.id)
    throw new AppError('DB_FORMAT', { file: MANIFEST, where: 'id' });
  if (manifest.sequence < seen) throw new AppError('DB_ROLLED_BACK', { sequence: manifest.sequence, seen });
  return new Database(manifest, files, sha256);
}

function parseJson(bytes: Uint8Array, file: string): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    throw new AppError('DB_FORMAT', { file, where: 'JSON' }, error);
  }
}

/** Rows are sorted by digest; the shard's own digest was checked, so their order is the builder's. */
function search(rows: Shard['rows'], rest: string): Shard['rows'][number] | undefined {
  let low = 0;
  let high = rows.length;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (rows[middle]![0] < rest) low = middle + 1;
    else high = middle;
  }
  return rows[low]?.[0] === rest ? rows[low] : undefined;
}

function at<T>(list: readonly T[], index: number, prefix: string): T {
  const value = list[index];
  if (value === undefined) throw new AppError('DB_FORMAT', { file: shardPath(prefix), where: `index ${index}` });
  return value;
}
