/** `config.json` of a model, as far as the key/values of its GGUF file tell. */
import { AppError } from '../../../errors.ts';
import type { MetaEntry, MetaValue } from '../../../formats/format.ts';
import { integerOf } from '../../../formats/gguf/values.ts';
import type { TensorEntry } from '../../../tensors/entry.ts';
import { ARCHITECTURES, type Architecture } from './gguf-architectures.ts';
import type { Heads } from './gguf-names.ts';

export interface GgufModel {
  /** llama.cpp's name. */
  readonly architecture: string;
  readonly own: Architecture;
  readonly heads: Heads;
  /** Fields of `config.json`. */
  readonly config: Readonly<Record<string, unknown>>;
}

/** GGUF's key, behind the name of the architecture → MPK's name of the field. */
const NUMBERS: readonly (readonly [key: string, field: string])[] = [
  ['block_count', 'num_hidden_layers'],
  ['embedding_length', 'hidden_size'],
  ['context_length', 'max_position_embeddings'],
  ['attention.head_count', 'num_attention_heads'],
  ['attention.head_count_kv', 'num_key_value_heads'],
  ['attention.key_length', 'head_dim'],
  ['rope.freq_base', 'rope_theta'],
  ['attention.layer_norm_rms_epsilon', 'rms_norm_eps'],
  ['attention.layer_norm_epsilon', 'layer_norm_eps'],
  ['expert_count', 'num_local_experts'],
];

/**
 * @param tensors of all parts of the model
 * @throws AppError FORMAT_MISSING_FIELD {key} without an architecture; SIGNAL_NO_COUNTERPART {why} for an architecture
 *   whose counterpart in transformers is not described here, a width or depth that is not stated
 */
export function describeGguf(metadata: readonly MetaEntry[], tensors: readonly TensorEntry[]): GgufModel {
  const byKey = new Map(metadata.map((entry) => [entry.key, entry]));
  const architecture = byKey.get('general.architecture')?.value;
  if (typeof architecture !== 'string')
    throw new AppError('FORMAT_MISSING_FIELD', { path: 'GGUF', key: 'general.architecture' });
  if (!Object.hasOwn(ARCHITECTURES, architecture))
    refuse(`llama.cpp's architecture “${architecture.slice(0, 60)}” has no counterpart that is described here.`);
  const own = ARCHITECTURES[architecture]!;
  const number = (key: string, layer = 0): number | null => numberOf(byKey.get(`${architecture}.${key}`), layer);
  const output = tensors.some(({ name }) => name === 'output.weight');
  const config: Record<string, unknown> = {
    model_type: own.modelType,
    architectures: [own.className],
    vocab_size: number('vocab_size') ?? tensors.find(({ name }) => name === 'token_embd.weight')?.shape[0] ?? null,
    tie_word_embeddings: !output,
  };
  for (const [key, field] of NUMBERS) {
    const value = number(key);
    if (value !== null && own.lacks?.includes(field) !== true) config[field] = value;
  }
  const width = number('feed_forward_length');
  if (width !== null && own.lacks?.includes('intermediate_size') !== true)
    config[own.inner ?? 'intermediate_size'] = width;
  const experts = number('expert_count') ?? 0;
  if (own.experts !== undefined && experts > 0) {
    config['model_type'] = own.experts.modelType;
    config['architectures'] = [own.experts.className];
  }
  scale(config, byKey, architecture);
  for (const field of ['hidden_size', 'num_hidden_layers', 'num_attention_heads']) {
    if (typeof config[field] !== 'number') refuse(`The file does not state ${field}.`);
  }
  return {
    architecture,
    own,
    heads: {
      queries: (layer) => number('attention.head_count', layer),
      keys: (layer) => number('attention.head_count_kv', layer) ?? number('attention.head_count', layer),
    },
    config,
  };
}

/** How rotary positions are stretched, where the file says so; Llama 3's own way is hidden in a tensor of factors. */
function scale(config: Record<string, unknown>, byKey: ReadonlyMap<string, MetaEntry>, architecture: string): void {
  const type = byKey.get(`${architecture}.rope.scaling.type`)?.value;
  const factor = numberOf(byKey.get(`${architecture}.rope.scaling.factor`), 0);
  if (typeof type === 'string' && type !== 'none' && factor !== null)
    config['rope_scaling'] = { rope_type: type, factor };
}

/** A number, or the one of a layer where layers differ. */
function numberOf(entry: MetaEntry | undefined, layer: number): number | null {
  if (entry === undefined) return null;
  const { value, type } = entry;
  if (typeof value === 'object' && value !== null && 'values' in value)
    return plain(value.values[layer], value.elementType);
  return plain(value, type);
}

function plain(value: MetaValue | undefined, type: string): number | null {
  if (type.startsWith('FLOAT') && typeof value === 'number') return shortest(value, type);
  return integerOf(value, type);
}

/** 1e-5 is stored as a float32: its shortest decimal is what the configuration had. */
function shortest(value: number, type: string): number {
  if (type !== 'FLOAT32') return value;
  for (let digits = 1; digits <= 9; digits++) {
    const short = Number(value.toPrecision(digits));
    if (Math.fround(short) === value) return short;
  }
  return value;
}

function refuse(why: string): never {
  throw new AppError('SIGNAL_NO_COUNTERPART', { why });
}
