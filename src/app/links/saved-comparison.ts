/** A comparison out of a file: read strictly, every part bounded, because anybody can write one. */
import * as v from 'valibot';
import { AppError, ERROR_CODES } from '../../core/errors.ts';
import type { ModelComparison } from '../../core/report/comparison.ts';

/** A comparison of two models of 60,000 tensors has about 40 MB. */
export const COMPARISON_FILE_MAX = 100_000_000;
const TENSORS_MAX = 500_000;

const text = (longest: number) => v.pipe(v.string(), v.maxLength(longest));
const count = v.pipe(v.number(), v.finite(), v.minValue(0));
const finite = v.pipe(v.number(), v.finite());
const unit = v.pipe(v.number(), v.minValue(0), v.maxValue(1));
const reading = v.nullable(unit);
const error = v.object({
  code: v.picklist(ERROR_CODES),
  detail: v.pipe(
    v.record(text(64), v.union([text(1000), v.number(), v.boolean()])),
    v.check((fields) => Object.keys(fields).length <= 32),
  ),
});

const missing = v.object({
  part: v.picklist(['metadata', 'tokenizer', 'weights', 'eas', 'nlf', 'lep', 'end', 'wvc']),
  reason: error,
});
const model = v.object({
  name: text(500),
  origin: v.picklist(['local', 'hub', 'url']),
  repo: v.exactOptional(text(200)),
  commit: v.exactOptional(text(64)),
  formats: v.pipe(v.array(text(64)), v.maxLength(32)),
  architecture: v.exactOptional(text(200)),
  files: count,
  bytes: count,
  unread: v.exactOptional(v.pipe(v.array(v.object({ path: text(1000), reason: error })), v.maxLength(10_000))),
  tensors: count,
  parameters: count,
  missing: v.pipe(v.array(missing), v.maxLength(16)),
  derived: v.exactOptional(v.pipe(v.array(v.picklist(['metadata', 'tokenizer'])), v.maxLength(2))),
  cached: v.exactOptional(v.boolean()),
  seconds: v.exactOptional(v.object({ base: count, weights: count })),
});

const side = v.nullable(
  v.object({
    name: text(1000),
    path: text(1000),
    dtype: text(64),
    shape: v.pipe(v.array(count), v.maxLength(32)),
    part: v.exactOptional(text(64)),
  }),
);
const tensor = v.object({
  a: side,
  b: side,
  role: v.nullable(text(100)),
  component: v.nullable(text(500)),
  layer: v.nullable(v.pipe(count, v.integer())),
  expert: v.nullable(v.union([v.pipe(count, v.integer()), v.picklist(['s', 'all'])])),
  parameter: v.nullable(text(100)),
  relation: v.picklist([
    'identical-bytes',
    'same-numbers',
    'differs',
    'other-shape',
    'only-a',
    'only-b',
    'not-compared',
  ]),
  reason: v.exactOptional(error),
  transposed: v.exactOptional(v.boolean()),
  cosine: v.exactOptional(v.pipe(v.number(), v.minValue(-1), v.maxValue(1))),
  distance: v.exactOptional(count),
  largest: v.exactOptional(count),
  changed: v.exactOptional(count),
  values: v.exactOptional(count),
  notFinite: v.exactOptional(count),
});

const mpk = v.object({
  family_a: text(200),
  family_b: text(200),
  signals: v.object({
    eas: reading,
    nlf: reading,
    lep: reading,
    end: reading,
    wvc: reading,
    tfv: reading,
    voa: reading,
  }),
  scores: v.object({
    mfi_score: unit,
    mfi_tier: v.picklist([1, 2, 3]),
    mfi_match: v.picklist(['exact', 'family', 'soft_match']),
    identity_score: reading,
    tokenizer_score: reading,
    pipeline_score: unit,
    provenance_decision: text(200),
  }),
  interpretation: v.object({
    label: v.picklist(['Insufficient data', 'High-Confidence Match', 'Weak Match', 'Not Matched']),
    colour: text(32),
  }),
});

const ComparisonSchema = v.object({
  format: v.literal('assay-comparison'),
  version: v.literal(1),
  tool: v.object({ name: v.literal('assay'), version: text(32), commit: v.exactOptional(text(64)) }),
  created: v.pipe(text(40), v.isoTimestamp()),
  sides: v.tuple([model, model]),
  depth: v.picklist(['signals', 'tensors']),
  stopped: v.boolean(),
  seconds: count,
  tensors: v.pipe(v.array(tensor), v.maxLength(TENSORS_MAX)),
  mpk: v.object({
    mpk: v.nullable(mpk),
    overlap: v.nullable(
      v.object({
        jaccard: unit,
        vocab_a_size: count,
        vocab_b_size: count,
        intersection: count,
        union: count,
        only_a: count,
        only_b: count,
        overlap_pct_a: finite,
        overlap_pct_b: finite,
      }),
    ),
    layers: v.pipe(v.array(v.object({ layer: count, cosine: reading })), v.maxLength(TENSORS_MAX)),
  }),
});

/** @throws AppError SOURCE_TOO_LARGE {name, limit}, FORMAT_JSON, FORMAT_JSON_SHAPE when it is no comparison of ours */
export async function readSavedComparison(file: File): Promise<ModelComparison> {
  const { name, size } = file;
  if (size > COMPARISON_FILE_MAX) throw new AppError('SOURCE_TOO_LARGE', { name, size, limit: COMPARISON_FILE_MAX });
  let value: unknown;
  try {
    value = JSON.parse(await file.text());
  } catch (cause) {
    throw new AppError('FORMAT_JSON', { path: name }, cause);
  }
  const read = v.safeParse(ComparisonSchema, value, { abortEarly: true });
  if (read.success) return read.output;
  throw new AppError('FORMAT_JSON_SHAPE', { path: name, key: v.getDotPath(read.issues[0]) ?? 'format' });
}
