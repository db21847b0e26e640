/** The catalogue of models: in this database's shards, or as a folder of the Model Provenance Kit (`--db-root`). */
import * as v from 'valibot';
import { toHex } from '../bytes/hex.ts';
import { AppError } from '../errors.ts';
import { DB_SHARD_MAX } from '../limits.ts';
import type { Candidate } from '../signals/mpk/candidate.ts';
import type { DatabaseFiles } from './lookup.ts';
import type { Manifest } from './manifest.ts';

const text = v.pipe(v.string(), v.maxLength(2000));
const number = v.number();
const maybe = v.nullable(number);
const digest = v.pipe(v.string(), v.regex(/^([0-9a-f]{64})?$/));

const MfiSchema = v.object({
  model_type: text,
  architectures: v.array(text),
  hidden_size: number,
  num_hidden_layers: number,
  num_attention_heads: number,
  num_key_value_heads: maybe,
  intermediate_size: number,
  vocab_size: number,
  max_position_embeddings: number,
  hidden_act: v.nullable(text),
  rope_theta: maybe,
  rope_scaling: v.nullable(v.record(v.string(), v.unknown())),
  tie_word_embeddings: v.nullable(v.boolean()),
  bos_token_id: maybe,
  eos_token_id: maybe,
  gqa_ratio: number,
  attention_style: text,
  norm_type: text,
  attention_bias: v.nullable(v.boolean()),
  qk_norm: v.boolean(),
  pos_encoding: text,
  head_dim: v.optional(maybe, null),
  tokenizer_hash: text,
  token_id_signature: text,
  arch_hash: digest,
  family_hash: digest,
});

const TfvSchema = v.object({
  vocab_size: number,
  tokenizer_class: text,
  bos_token_id: v.optional(maybe, null),
  eos_token_id: v.optional(maybe, null),
  pad_token_id: v.optional(maybe, null),
  num_added_tokens: v.optional(maybe, null),
  num_special_tokens: v.optional(maybe, null),
  num_merges: v.optional(number, 0),
  first_5_merges: v.optional(v.array(v.string()), []),
  merge_rule_hash: v.optional(v.string(), ''),
  special_token_ids: v.optional(v.record(v.string(), maybe), {}),
  pct_single_char: v.optional(maybe, null),
  avg_token_length: v.optional(number, 0),
  max_token_length: v.optional(maybe, null),
  pct_whitespace_prefix: v.optional(number, 0),
  pct_byte_tokens: v.optional(number, 0),
  script_distribution: v.optional(v.record(v.string(), number), {}),
});

const SignalsSchema = v.object({
  nlf_mode: v.optional(v.nullable(v.string()), null),
  nlf_num_layers: v.optional(number, 0),
});

const RowSchema = v.object({
  family: text,
  family_name: text,
  model_id: text,
  asset_id: text,
  source_uri: v.optional(text, ''),
  param_bucket: text,
  mfi: MfiSchema,
  tfv: TfvSchema,
  signals: SignalsSchema,
  deep_signals: v.optional(v.nullable(v.object({ path: text, checksum: v.optional(text, '') })), null),
});

const ShardSchema = v.object({ section: v.literal('models'), family: text, rows: v.array(RowSchema) });

export function modelsPath(family: string): string {
  return `models/${family}.json`;
}

/**
 * Every model of the catalogue, in its order. All shards are fetched: the host learns nothing about the model at hand.
 *
 * @throws AppError DB_SHARD_MISSING {file}, also when the database has no catalogue at all: that is never "not known";
 *   DB_SHARD_DIGEST {file, expected, actual}, DB_FORMAT {file, where}
 */
export async function readCatalogue(
  manifest: Manifest,
  files: DatabaseFiles,
  sha256: (bytes: Uint8Array) => Promise<Uint8Array>,
  signal?: AbortSignal,
): Promise<readonly Candidate[]> {
  const { models } = manifest.sections;
  if (models === undefined) throw new AppError('DB_SHARD_MISSING', { file: 'models' });
  const out: Candidate[] = [];
  for (const [family, expected] of models.families) {
    const file = modelsPath(family);
    const bytes = await files.get(file, DB_SHARD_MAX, signal);
    if (bytes === null) throw new AppError('DB_SHARD_MISSING', { file });
    const actual = toHex(await sha256(bytes));
    if (actual !== expected) throw new AppError('DB_SHARD_DIGEST', { file, expected, actual });
    out.push(...parse(ShardSchema, bytes, file).rows.map(candidate));
  }
  return out;
}

/** One row of a shard as a candidate. @throws AppError DB_FORMAT */
export function catalogueRow(value: unknown): Candidate {
  const parsed = v.safeParse(RowSchema, value);
  if (!parsed.success) throw new AppError('DB_FORMAT', { file: 'models', where: v.getDotPath(parsed.issues[0]) ?? '' });
  return candidate(parsed.output);
}

function candidate(row: v.InferOutput<typeof RowSchema>): Candidate {
  const {
    family,
    family_name,
    model_id,
    asset_id,
    source_uri,
    param_bucket,
    mfi,
    tfv,
    signals,
    deep_signals: deep,
  } = row;
  return {
    asset_id,
    model_id,
    family_id: family,
    family_name,
    param_bucket,
    source_uri,
    mfi,
    tfv,
    signals,
    deep: deep === null ? null : { path: deep.path, sha256: deep.checksum.replace(/^sha256:/, '') || null },
  };
}

const KitManifestSchema = v.object({ shards: v.array(v.object({ shard_path: text })) });
const KitShardSchema = v.object({
  family: v.object({ family_id: text, display_name: text }),
  assets: v.optional(
    v.array(
      v.object({
        asset_id: text,
        model_id: v.optional(text, ''),
        source_uri: v.optional(text, ''),
        feature_path: v.optional(text, ''),
        param_bucket: v.optional(text, ''),
      }),
    ),
    [],
  ),
});
const KitBundleSchema = v.object({
  model_id: v.optional(text, ''),
  mfi: MfiSchema,
  tfv: TfvSchema,
  signals: v.optional(SignalsSchema, {}),
  artifact_refs: v.optional(v.array(v.object({ type: text, path: text, checksum: v.optional(text, '') })), []),
});

/** Where the Kit keeps its catalogue in its folder. */
export const KIT_MANIFEST = 'catalog/manifest.json';
/** It lists families: the published one has 45. */
export const KIT_MANIFEST_MAX = DB_SHARD_MAX;

/**
 * Every model of a folder of the Kit. Like the Kit, passes over families and models whose files are missing.
 *
 * @param whole a file that the catalogue names and that is missing is an error
 * @throws AppError DB_MANIFEST_MISSING; DB_SHARD_MISSING {file}; DB_FORMAT {file, where}
 */
export async function readKitFolder(
  files: DatabaseFiles,
  signal?: AbortSignal,
  whole = false,
): Promise<readonly Candidate[]> {
  const get = async (file: string): Promise<Uint8Array | null> => {
    const bytes = safe(file) ? await files.get(file, DB_SHARD_MAX, signal) : null;
    if (bytes === null && whole) throw new AppError('DB_SHARD_MISSING', { file: file.slice(0, 200) });
    return bytes;
  };
  const manifest = await files.get(KIT_MANIFEST, KIT_MANIFEST_MAX, signal);
  if (manifest === null) throw new AppError('DB_MANIFEST_MISSING', { where: KIT_MANIFEST });
  const out: Candidate[] = [];
  for (const { shard_path: path } of parse(KitManifestSchema, manifest, KIT_MANIFEST).shards) {
    const shard = await get(path);
    if (shard === null) continue;
    const { family, assets } = parse(KitShardSchema, shard, path);
    for (const asset of assets) {
      const bytes = await get(asset.feature_path);
      if (bytes === null) continue;
      const bundle = parse(KitBundleSchema, bytes, asset.feature_path);
      const deep = bundle.artifact_refs.find(({ type }) => type === 'deep_signals') ?? null;
      const model_id = asset.model_id || bundle.model_id;
      const own = { family: family.family_id, family_name: family.display_name, deep_signals: deep };
      out.push(candidate({ ...asset, ...own, model_id, mfi: bundle.mfi, tfv: bundle.tfv, signals: bundle.signals }));
    }
  }
  return out;
}

/** A path from a file of the database that stays below its root. */
function safe(path: string): boolean {
  return (
    path !== '' &&
    !path.startsWith('/') &&
    !/[\\:\0]/.test(path) &&
    path.split('/').every((part) => part !== '' && part !== '.' && part !== '..')
  );
}

function parse<T extends v.GenericSchema>(schema: T, bytes: Uint8Array, file: string): v.InferOutput<T> {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    throw new AppError('DB_FORMAT', { file, where: 'JSON' }, error);
  }
  const parsed = v.safeParse(schema, value);
  if (!parsed.success) throw new AppError('DB_FORMAT', { file, where: v.getDotPath(parsed.issues[0]!) ?? '' });
  return parsed.output;
}
