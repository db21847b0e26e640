/** MPK's estimate of a model's size from its configuration, and the buckets that limit its search. */

/** What the estimate looks at; an absent field is what Python's `getattr` default makes of it. */
export interface SizeFields {
  readonly model_type?: string;
  readonly hidden_size: number;
  readonly num_hidden_layers: number;
  readonly num_attention_heads: number;
  readonly num_key_value_heads: number | null;
  readonly intermediate_size: number;
  readonly n_inner?: number | null;
  readonly vocab_size: number;
  readonly tie_word_embeddings: boolean | null;
  readonly hidden_act: string | null;
  readonly head_dim: number | null;
}

export const BUCKETS = ['<=1B', '1-10B', '10-40B', '40B+'] as const;
export type Bucket = (typeof BUCKETS)[number];

const GATED_ACTIVATIONS: ReadonlySet<string> = new Set(['silu', 'swiglu', 'gegelu']);
const GATED_TYPES: ReadonlySet<string> = new Set([
  'gemma',
  'gemma2',
  'gemma3',
  'gemma3_text',
  'llama',
  'mistral',
  'mixtral',
  'phi3',
  'phi4',
  'qwen2',
  'qwen2_moe',
  'qwen3',
  'qwen3_moe',
  'deepseek_v2',
  'deepseek_v3',
  'cohere',
  'cohere2',
  'command-r',
  'starcoder2',
]);

export function isGatedMlp({ hidden_act, model_type }: Pick<SizeFields, 'hidden_act' | 'model_type'>): boolean {
  return GATED_ACTIVATIONS.has((hidden_act ?? '').toLowerCase()) || GATED_TYPES.has((model_type ?? '').toLowerCase());
}

export function estimateParameters(info: SizeFields): number {
  const hidden = info.hidden_size;
  const heads = info.num_attention_heads;
  const keyHeads = info.num_key_value_heads || heads;
  const inner = info.intermediate_size || info.n_inner || 4 * hidden;
  const headSize = info.head_dim || (heads ? Math.floor(hidden / heads) : hidden);
  const attention = hidden * headSize * (heads + 2 * keyHeads) + heads * headSize * hidden;
  const mlp = (isGatedMlp(info) ? 3 : 2) * hidden * inner;
  const table = info.vocab_size * hidden;
  return table + info.num_hidden_layers * (attention + mlp) + (info.tie_word_embeddings === false ? table : 0);
}

export function parameterBucket(count: number): Bucket {
  if (count < 1e9) return '<=1B';
  if (count < 10e9) return '1-10B';
  return count < 40e9 ? '10-40B' : '40B+';
}

/** The bucket itself and its neighbours: what MPK's scan looks at. */
export function nearBuckets(bucket: Bucket): readonly Bucket[] {
  const at = BUCKETS.indexOf(bucket);
  return BUCKETS.slice(Math.max(0, at - 1), at + 2);
}
