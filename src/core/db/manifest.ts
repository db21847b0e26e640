/**
 * The database's manifest: what there is, with the SHA-256 of everything (docs: db/README.md). Everything in it comes
 * from a host that is not trusted, so every field is checked before anything is read from it.
 */
import * as v from 'valibot';
import { fromBase64 } from '../bytes/base64.ts';
import { AppError } from '../errors.ts';

export const DB_FORMAT = 'assay-db';
export const DB_VERSION = 1;
/** `files/` is cut by the first two hex digits of the SHA-256: 256 shards. */
export const FILES_PREFIX = 2;

const text = v.pipe(v.string(), v.maxLength(2000));
const count = v.pipe(v.number(), v.integer(), v.minValue(0));

const SourceSchema = v.object({
  name: text,
  url: text,
  revision: text,
  license: text,
  read: text,
  rows: count,
});

const SectionSchema = v.object({
  /** Hex digits of the digest that name a shard. */
  prefix: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(4)),
  rows: count,
  shards: count,
  /** SHA-256 of each shard, in prefix order, base64. */
  digests: v.pipe(v.string(), v.maxLength(200_000)),
});

const ManifestSchema = v.object({
  format: v.literal(DB_FORMAT),
  version: count,
  id: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)),
  sequence: count,
  created: v.pipe(v.string(), v.isoDate()),
  tool: text,
  key: v.nullable(text),
  counts: v.object({ files: count, sightings: count }),
  sources: v.pipe(v.array(SourceSchema), v.maxLength(10_000)),
  sections: v.object({ files: SectionSchema }),
});

export type Manifest = v.InferOutput<typeof ManifestSchema>;
export type ManifestSource = v.InferOutput<typeof SourceSchema>;

/**
 * @param value the parsed JSON
 * @throws AppError DB_FORMAT {where}, DB_TOO_NEW {version, known}
 */
export function readManifest(value: unknown): Manifest {
  const parsed = v.safeParse(ManifestSchema, value);
  // A newer version may have any shape: say "newer", not "broken".
  const version = typeof value === 'object' && value !== null && 'version' in value ? value.version : undefined;
  if (typeof version === 'number' && version > DB_VERSION) throw new AppError('DB_TOO_NEW', { version, known: DB_VERSION });
  if (!parsed.success) throw new AppError('DB_FORMAT', { file: 'manifest.json', where: v.getDotPath(parsed.issues[0]) ?? '' });
  const { files } = parsed.output.sections;
  if (files.shards !== 16 ** files.prefix || digestBytes(files.digests).length !== files.shards * 32) {
    throw new AppError('DB_FORMAT', { file: 'manifest.json', where: 'sections.files.digests' });
  }
  return parsed.output;
}

/** The stated SHA-256 of one shard, 32 bytes. */
export function shardDigest(manifest: Manifest, prefix: string): Uint8Array {
  const index = Number.parseInt(prefix, 16);
  return digestBytes(manifest.sections.files.digests).subarray(index * 32, index * 32 + 32);
}

function digestBytes(base64: string): Uint8Array {
  try {
    return fromBase64(base64);
  } catch (error) {
    throw new AppError('DB_FORMAT', { file: 'manifest.json', where: 'sections.files.digests' }, error);
  }
}
