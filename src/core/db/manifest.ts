/**
 * The database's manifest: what there is, with the SHA-256 of everything (docs: db/README.md). Everything in it comes
 * from a host that is not trusted, so every field is checked before anything is read from it.
 */
import * as v from 'valibot';
import { fromBase64 } from '../bytes/base64.ts';
import { AppError } from '../errors.ts';
import { DB_SHARDS_IN_MANIFEST } from '../limits.ts';

export const DB_FORMAT = 'assay-db';
export const DB_VERSION = 1;
export const MANIFEST = 'manifest.json';
/** Section files are cut by two hex digits. */
export const SECTION_FILES = 256;
/** 65,536 shards hold ten million rows at 39 kB each. */
export const PREFIX_MAX = 4;

const text = v.pipe(v.string(), v.maxLength(2000));
/** 4,096 digests are 174,764 characters. */
const base64 = v.pipe(v.string(), v.maxLength(200_000));
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
  prefix: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(PREFIX_MAX)),
  rows: count,
  shards: count,
  /** SHA-256 of each shard, in prefix order, base64. */
  digests: v.exactOptional(base64),
  /** Above `DB_SHARDS_IN_MANIFEST` shards, instead: SHA-256 of the 256 section files that hold those of their shards. */
  index: v.exactOptional(base64),
});

/** Catalogue of models: one shard for each family, in catalogue order, which decides between equal scores. */
const ModelsSchema = v.object({
  rows: count,
  /** Files with weight signals that lie beside the shards, where the rows say; absent: none. */
  deep: v.exactOptional(count),
  families: v.pipe(
    v.array(
      v.tuple([
        v.pipe(v.string(), v.regex(/^[a-z0-9][a-z0-9._-]{0,99}$/i)),
        v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)),
      ]),
    ),
    v.maxLength(10_000),
  ),
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
  sections: v.object({ files: SectionSchema, models: v.optional(ModelsSchema) }),
});

export type Manifest = v.InferOutput<typeof ManifestSchema>;
export type Section = v.InferOutput<typeof SectionSchema>;
export type ManifestSource = v.InferOutput<typeof SourceSchema>;

/**
 * @param value the parsed JSON
 * @throws AppError DB_FORMAT {where}, DB_TOO_NEW {version, known}
 */
export function readManifest(value: unknown): Manifest {
  const parsed = v.safeParse(ManifestSchema, value);
  // A newer version may have any shape: say "newer", not "broken".
  const version = typeof value === 'object' && value !== null && 'version' in value ? value.version : undefined;
  if (typeof version === 'number' && version > DB_VERSION)
    throw new AppError('DB_TOO_NEW', { version, known: DB_VERSION });
  if (!parsed.success) throw new AppError('DB_FORMAT', { file: MANIFEST, where: v.getDotPath(parsed.issues[0]) ?? '' });
  checkSection(parsed.output.sections.files);
  return parsed.output;
}

/** The stated digests are as many as there are shards, and stand where a section of this size has them. */
function checkSection({ prefix, shards, digests, index }: Section): void {
  const wrong = (where: string): AppError =>
    new AppError('DB_FORMAT', { file: MANIFEST, where: `sections.files.${where}` });
  if (shards !== 16 ** prefix) throw wrong('shards');
  const listed = shards <= DB_SHARDS_IN_MANIFEST ? digests : index;
  const where = shards <= DB_SHARDS_IN_MANIFEST ? 'digests' : 'index';
  if (listed === undefined) throw wrong(where);
  const expected = shards <= DB_SHARDS_IN_MANIFEST ? shards : SECTION_FILES;
  if (digestList(listed, MANIFEST).length !== expected * 32) throw wrong(where);
}

/** One of the 256 section files: the digests of the shards whose prefix begins with its own. */
const SectionFileSchema = v.object({ section: v.literal('files'), prefix: v.string(), digests: base64 });

/**
 * @param prefix two hex digits
 * @returns the shards' SHA-256, concatenated
 * @throws AppError DB_FORMAT {file, where}
 */
export function readSectionFile(value: unknown, prefix: string, shards: number): Uint8Array {
  const file = sectionPath(prefix);
  const parsed = v.safeParse(SectionFileSchema, value);
  if (!parsed.success || parsed.output.prefix !== prefix) throw new AppError('DB_FORMAT', { file, where: 'prefix' });
  const digests = digestList(parsed.output.digests, file);
  if (digests.length !== (shards / SECTION_FILES) * 32) throw new AppError('DB_FORMAT', { file, where: 'digests' });
  return digests;
}

/** Address of a section file below the database's root. */
export function sectionPath(prefix: string): string {
  return `sections/files/${prefix}.json`;
}

/** Digests of 32 bytes each, from base64. @throws AppError DB_FORMAT {file, where} */
export function digestList(base64: string, file: string): Uint8Array {
  try {
    return fromBase64(base64);
  } catch (error) {
    throw new AppError('DB_FORMAT', { file, where: 'digests' }, error);
  }
}
