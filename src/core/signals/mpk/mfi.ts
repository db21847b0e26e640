/** Metadata Family Identification: the fingerprint of a configuration and its three tiers. Field names are MPK's. */
import { sha256Hex } from '../../formats/sha256.ts';
import { pythonFloat, pythonJson, type PythonValue } from '../python/json.ts';
import { roundToHundreds } from '../python/round.ts';
import { rounded } from './vector.ts';

export interface MetadataFields {
  readonly model_type: string;
  readonly architectures: readonly string[];
  readonly hidden_size: number;
  readonly num_hidden_layers: number;
  readonly num_attention_heads: number;
  readonly num_key_value_heads: number | null;
  readonly intermediate_size: number;
  readonly vocab_size: number;
  readonly max_position_embeddings: number;
  readonly hidden_act: string | null;
  readonly rope_theta: number | null;
  readonly rope_scaling: Readonly<Record<string, unknown>> | null;
  readonly tie_word_embeddings: boolean | null;
  readonly bos_token_id: number | null;
  readonly eos_token_id: number | null;
  readonly gqa_ratio: number;
  readonly attention_style: string;
  readonly norm_type: string;
  readonly attention_bias: boolean | null;
  readonly qk_norm: boolean;
  readonly pos_encoding: string;
  readonly head_dim: number | null;
  readonly tokenizer_hash: string;
  readonly token_id_signature: string;
}

export interface MetadataFingerprint extends MetadataFields {
  /** SHA-256 of the architecture's dimensions: tier 1. */
  readonly arch_hash: string;
  /** SHA-256 of the family's traits: tier 2. */
  readonly family_hash: string;
}

export interface MetadataSimilarity {
  readonly score: number;
  /** 1: equal dimensions. 2: equal traits, width and depth. 3: weighted. None of them says anything about weights. */
  readonly tier: 1 | 2 | 3;
  readonly match_type: 'exact' | 'family' | 'soft_match';
}

type ArchFields = Pick<
  MetadataFields,
  | 'model_type'
  | 'architectures'
  | 'hidden_size'
  | 'num_hidden_layers'
  | 'num_attention_heads'
  | 'num_key_value_heads'
  | 'intermediate_size'
  | 'vocab_size'
  | 'max_position_embeddings'
>;

export function archHash(fields: ArchFields): Promise<string> {
  return hashOf([
    fields.model_type,
    fields.architectures,
    fields.hidden_size,
    fields.num_hidden_layers,
    fields.num_attention_heads,
    fields.num_key_value_heads,
    fields.intermediate_size,
    fields.vocab_size,
    fields.max_position_embeddings,
  ]);
}

type FamilyFields = Pick<
  MetadataFields,
  'model_type' | 'attention_style' | 'hidden_act' | 'norm_type' | 'tokenizer_hash' | 'rope_theta' | 'rope_scaling'
>;

/**
 * @param thetaIsInteger the configuration writes `rope_theta` as an integer: Python's `str(round(x, -2))` shows it
 */
export function familyHash(fields: FamilyFields, thetaIsInteger = false): Promise<string> {
  const { rope_theta: theta, rope_scaling: scaling } = fields;
  const hundreds = theta === null ? 0 : roundToHundreds(theta);
  const bucket = theta === null ? 'none' : thetaIsInteger ? String(hundreds) : pythonFloat(hundreds);
  return hashOf([
    fields.model_type,
    fields.attention_style,
    fields.hidden_act,
    fields.norm_type,
    fields.tokenizer_hash,
    bucket,
    scalingType(scaling),
  ]);
}

/** `str(rope_scaling.get("type", "none"))`; newer files say `rope_type`, which is not looked at. */
function scalingType(scaling: MetadataFields['rope_scaling']): string {
  if (scaling === null || !('type' in scaling)) return 'none';
  const type = scaling['type'];
  return type === null ? 'None' : String(type);
}

function hashOf(value: PythonValue): Promise<string> {
  return sha256Hex(new TextEncoder().encode(pythonJson(value)));
}

/** Widths and depths nearer than this count as equal. */
const NEAR = 0.9;

export function mfiSimilarity(a: MetadataFingerprint, b: MetadataFingerprint): MetadataSimilarity {
  if (a.arch_hash !== '' && a.arch_hash === b.arch_hash) return { score: 1, tier: 1, match_type: 'exact' };
  const sameShape = a.hidden_size === b.hidden_size && a.num_hidden_layers === b.num_hidden_layers;
  if (a.family_hash !== '' && a.family_hash === b.family_hash && sameShape) {
    return { score: 0.9, tier: 2, match_type: 'family' };
  }
  return { score: softScore(a, b), tier: 3, match_type: 'soft_match' };
}

/** Eleven weighted comparisons. Null equals null: two configurations that are silent count as agreeing. */
function softScore(a: MetadataFingerprint, b: MetadataFingerprint): number {
  let score = 0;
  let total = 0;
  const add = (weight: number, similarity: number): void => {
    total += weight;
    score += weight * similarity;
  };
  const nearness = (x: number, y: number): number => 1 - Math.abs(x - y) / Math.max(x, y);
  const same = (key: keyof MetadataFingerprint): number => (a[key] === b[key] ? 1 : 0);
  total += 2;
  score += (2 * (same('bos_token_id') + same('eos_token_id'))) / 2;
  if (a.hidden_size > 0 && b.hidden_size > 0) add(1.8, nearness(a.hidden_size, b.hidden_size) >= NEAR ? 1 : 0);
  add(1.5, same('qk_norm'));
  if (a.num_hidden_layers > 0 && b.num_hidden_layers > 0) {
    add(1.5, nearness(a.num_hidden_layers, b.num_hidden_layers) >= NEAR ? 1 : 0);
  }
  if (a.vocab_size !== 0 && b.vocab_size !== 0) add(1.5, nearness(a.vocab_size, b.vocab_size));
  add(1.5, same('attention_style'));
  const [ta, tb] = [a.rope_theta, b.rope_theta];
  if (ta !== null && tb !== null && ta > 0 && tb > 0) add(1.2, nearness(ta, tb));
  else add(1.2, ta === null && tb === null ? 1 : 0);
  add(0.5, same('norm_type'));
  add(0.4, same('pos_encoding'));
  add(0.4, same('attention_bias'));
  add(0.1, same('model_type'));
  return rounded(score / total);
}
