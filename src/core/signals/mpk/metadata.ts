/** From a configuration and a tokenizer to MPK's metadata fingerprint. */
import { AppError } from '../../errors.ts';
import { pythonRound } from '../python/round.ts';
import { isObject, type Attributes, type EffectiveConfig } from './config.ts';
import { archHash, familyHash, type MetadataFields, type MetadataFingerprint } from './mfi.ts';
import { estimateParameters } from './parameters.ts';

/** What the fingerprint takes from the tokenizer. */
export interface TokenizerIdentity {
  readonly bos: number | null;
  readonly eos: number | null;
  /** SHA-256 of its serialised form. */
  readonly hash: string;
}

/**
 * @throws AppError FORMAT_JSON_TYPE {key} where MPK's own validation fails as well: no list of architectures, a width that
 *   is no integer
 */
export async function metadataFingerprint(
  config: EffectiveConfig,
  tokenizer: TokenizerIdentity,
): Promise<MetadataFingerprint> {
  const { backbone: cfg, top } = config;
  const architectures = top.get('architectures');
  if (!Array.isArray(architectures) || architectures.some((name) => typeof name !== 'string'))
    fail('architectures', 'a list of names');
  const heads = integer(cfg, 'num_attention_heads');
  const keyHeads = optional(cfg, 'num_key_value_heads', 'number');
  const rope = optional(cfg, 'rope_theta', 'number');
  const scaling = cfg.get('rope_scaling') ?? null;
  const fields: MetadataFields = {
    model_type: config.modelType,
    architectures: architectures as string[],
    hidden_size: integer(cfg, 'hidden_size'),
    num_hidden_layers: integer(cfg, 'num_hidden_layers'),
    num_attention_heads: heads,
    num_key_value_heads: keyHeads,
    intermediate_size: innerSize(cfg),
    vocab_size: integer(cfg, 'vocab_size'),
    max_position_embeddings: integer(cfg, 'max_position_embeddings'),
    hidden_act: optional(cfg, cfg.has('hidden_act') ? 'hidden_act' : 'hidden_activation', 'string'),
    rope_theta: rope,
    rope_scaling: isObject(scaling) ? scaling : null,
    tie_word_embeddings: optional(cfg, 'tie_word_embeddings', 'boolean'),
    bos_token_id: tokenizer.bos,
    eos_token_id: tokenizer.eos,
    gqa_ratio: keyHeads ? pythonRound((heads || 1) / keyHeads, 1) : 1,
    attention_style: attentionStyle(heads || 1, keyHeads),
    norm_type: normType(cfg),
    attention_bias: attentionBias(cfg),
    qk_norm:
      isSet(cfg.get('qk_layernorm')) ||
      isSet(cfg.get('qk_norm')) ||
      (cfg.get('query_pre_attn_scalar') ?? null) !== null,
    pos_encoding: rope !== null ? 'RoPE' : positions(cfg),
    head_dim: optional(cfg, 'head_dim', 'number'),
    tokenizer_hash: tokenizer.hash,
    token_id_signature: `bos=${tokenizer.bos ?? 'None'}|eos=${tokenizer.eos ?? 'None'}`,
  };
  return { ...fields, arch_hash: await archHash(fields), family_hash: await familyHash(fields, config.thetaIsInteger) };
}

/** The estimate from which MPK decides how to load the weights: from the configuration as a whole. 0 when it has no say. */
export function estimateFromConfig({ top, modelType }: EffectiveConfig): number {
  const number = (key: string): number => (typeof top.get(key) === 'number' ? (top.get(key) as number) : 0);
  return estimateParameters({
    model_type: modelType,
    hidden_size: number('hidden_size'),
    num_hidden_layers: number('num_hidden_layers'),
    num_attention_heads: number('num_attention_heads'),
    num_key_value_heads: number('num_key_value_heads'),
    intermediate_size: number('intermediate_size'),
    n_inner: number('n_inner'),
    vocab_size: number('vocab_size'),
    tie_word_embeddings: top.get('tie_word_embeddings') !== false,
    hidden_act: typeof top.get('hidden_act') === 'string' ? (top.get('hidden_act') as string) : null,
    head_dim: number('head_dim'),
  });
}

function innerSize(cfg: Attributes): number {
  for (const key of ['intermediate_size', 'd_ff', 'encoder_ffn_dim', 'decoder_ffn_dim', 'ffn_dim']) {
    const value = cfg.get(key) ?? 0;
    if (typeof value !== 'number') fail(key, 'a number');
    if ((value as number) > 0) return Math.trunc(value as number);
  }
  const inner = cfg.get('hidden_dim');
  return typeof inner === 'number' && inner > 0 && inner !== cfg.get('hidden_size') ? Math.trunc(inner) : 0;
}

function attentionStyle(heads: number, keyHeads: number | null): string {
  if (keyHeads === null || keyHeads === heads) return 'MHA';
  return keyHeads === 1 ? 'MQA' : 'GQA';
}

function normType(cfg: Attributes): string {
  if (cfg.has('rms_norm_eps') || cfg.has('rms_norm_epsilon')) return 'RMSNorm';
  return cfg.has('layer_norm_eps') || cfg.has('layer_norm_epsilon') ? 'LayerNorm' : 'unknown';
}

function attentionBias(cfg: Attributes): boolean | null {
  return cfg.has('attention_bias') ? optional(cfg, 'attention_bias', 'boolean') : optional(cfg, 'bias', 'boolean');
}

function positions(cfg: Attributes): string {
  const type = cfg.get('position_embedding_type');
  return typeof type === 'string' ? type : 'absolute';
}

function isSet(value: unknown): boolean {
  return value !== undefined && value !== null && value !== false && value !== 0 && value !== '';
}

function integer(cfg: Attributes, key: string): number {
  const value = cfg.get(key) ?? (cfg.has(key) ? null : 0);
  if (typeof value !== 'number' || !Number.isInteger(value)) fail(key, 'an integer');
  return value as number;
}

function optional(cfg: Attributes, key: string, type: 'number'): number | null;
function optional(cfg: Attributes, key: string, type: 'string'): string | null;
function optional(cfg: Attributes, key: string, type: 'boolean'): boolean | null;
function optional(cfg: Attributes, key: string, type: string): unknown {
  const value = cfg.get(key) ?? null;
  if (value !== null && typeof value !== type) fail(key, `a ${type} or null`);
  return value;
}

function fail(key: string, expected: string): never {
  throw new AppError('FORMAT_JSON_TYPE', { path: 'config.json', key, expected });
}
