/** Files of databases: shards, catalogues, and the Parquet files of weight signals. */
import { catalogueRow, readKitFolder } from '../../../src/core/db/catalogue.ts';
import { readManifest, readSectionFile } from '../../../src/core/db/manifest.ts';
import { readShard } from '../../../src/core/db/shard.ts';
import { AppError } from '../../../src/core/errors.ts';
import type { Candidate } from '../../../src/core/signals/mpk/candidate.ts';
import { readDeepSignals } from '../../../src/core/signals/mpk/deep-signals.ts';
import { jsonSeed } from '../corpus.ts';
import type { Seed } from '../seed.ts';
import type { Target } from '../target.ts';
import { PARQUET } from './parquet-seed.ts';

const SHA256 = 'a1'.repeat(32);
const SHA1 = 'b2'.repeat(20);

const MFI = {
  model_type: 'llama',
  architectures: ['LlamaForCausalLM'],
  hidden_size: 64,
  num_hidden_layers: 2,
  num_attention_heads: 4,
  num_key_value_heads: null,
  intermediate_size: 128,
  vocab_size: 320,
  max_position_embeddings: 128,
  hidden_act: 'silu',
  rope_theta: 10000,
  rope_scaling: null,
  tie_word_embeddings: false,
  bos_token_id: 1,
  eos_token_id: 2,
  gqa_ratio: 2,
  attention_style: 'MHA',
  norm_type: 'RMSNorm',
  attention_bias: null,
  qk_norm: false,
  pos_encoding: 'RoPE',
  tokenizer_hash: SHA256,
  token_id_signature: 'bos=1|eos=2',
  arch_hash: SHA256,
  family_hash: SHA256,
};
const ROW = {
  family: 'llama',
  family_name: 'Llama',
  model_id: 'a/b',
  asset_id: 'x',
  param_bucket: '<=1B',
  mfi: MFI,
  tfv: { vocab_size: 320, tokenizer_class: 'T' },
  signals: { nlf_mode: 'direct', nlf_num_layers: 2 },
  deep_signals: { path: 'a.parquet', checksum: `sha256:${SHA256}` },
};
const CANDIDATE = {
  signals: { nlf_mode: 'direct', nlf_num_layers: 2 },
  deep: null,
  asset_id: 'x',
} as unknown as Candidate;
const SHARD = {
  section: 'files',
  prefix: '0a',
  repos: ['a/b'],
  licenses: ['mit'],
  rows: [[SHA256.slice(2), 10, [[0, 'w.bin', SHA1, 0, 0, 1, 0]]]],
};
const MANIFEST = {
  format: 'assay-db',
  version: 1,
  id: SHA256,
  sequence: 1,
  created: '2026-01-01',
  tool: 'assay',
  key: null,
  counts: { files: 1, sightings: 1 },
  sources: [{ name: 'n', url: 'https://a', revision: 'r', license: 'l', read: '2026', rows: 1 }],
  sections: {
    files: { prefix: 1, rows: 1, shards: 16, digests: Buffer.alloc(512).toString('base64') },
    models: { rows: 1, families: [['llama', SHA256]] },
  },
};
const KIT = {
  'catalog/manifest.json': { shards: [{ shard_path: 'catalog/a.json' }] },
  'catalog/a.json': {
    family: { family_id: 'f', display_name: 'F' },
    assets: [{ asset_id: 'a', model_id: 'm', feature_path: 'features/a.json', param_bucket: '<=1B' }],
  },
  'features/a.json': { mfi: MFI, tfv: ROW.tfv, artifact_refs: [{ type: 'deep_signals', path: 'p.parquet' }] },
} as const;

export const DATABASES: readonly Target[] = [
  {
    id: 'deep-signals',
    seeds: () => [{ name: 'parquet', bytes: PARQUET }],
    words: ['PAR1', 'signal', 'nlf_vector', 'eas_self_sim', 'wvc_layer_sigs', 'lep_profile'],
    refuses: /^(?:DB_FORMAT|SOURCE_TOO_LARGE)$/,
    run: (bytes) => readDeepSignals(bytes, CANDIDATE),
  },
  ...jsonTargets(),
];

/** Files of a database: what is JSON at all is held against its schema. */
function jsonTargets(): Target[] {
  const made = (id: string, seeds: readonly Seed[], read: (value: unknown) => unknown): Target => ({
    id,
    seeds: () => seeds,
    words: [SHA256, '"prefix":', '9007199254740993', '"rows":[]', '"__proto__":'],
    refuses: /^DB_/,
    async run(bytes) {
      let value: unknown;
      try {
        value = JSON.parse(new TextDecoder().decode(bytes));
      } catch {
        throw new AppError('DB_FORMAT', { where: 'JSON' });
      }
      read(value);
    },
  });
  return [
    made('db-manifest', [jsonSeed(MANIFEST)], readManifest),
    made('db-shard', [jsonSeed(SHARD)], (value) => readShard(value, '0a')),
    made(
      'db-section',
      [jsonSeed({ section: 'files', prefix: '0a', digests: Buffer.alloc(512).toString('base64') })],
      (value) => readSectionFile(value, '0a', 4096),
    ),
    made('db-model', [jsonSeed(ROW)], catalogueRow),
    {
      ...made('db-kit', Object.values(KIT).map(jsonSeed), () => null),
      // The same bytes as each of the three files in turn, the others whole.
      async run(bytes) {
        for (const changed of Object.keys(KIT)) {
          try {
            await readKitFolder({
              get: async (path) =>
                path === changed
                  ? bytes
                  : new TextEncoder().encode(JSON.stringify(KIT[path as keyof typeof KIT] ?? null)),
            });
          } catch (error) {
            if (!(error instanceof AppError) || !error.code.startsWith('DB_')) throw error;
          }
        }
      },
    },
  ];
}
