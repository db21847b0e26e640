import { FindingCollector } from '../content/collector.ts';
import type { Finding } from '../content/finding.ts';
import { isNumber, valueOf, type Loose } from '../content/loose-json.ts';
import type { TensorEntry } from '../tensors/entry.ts';

/** The table of word vectors, by the names of the common families. */
const EMBEDDING = /(?:^|\.)(?:embed_tokens|wte|word_embeddings|tok_embeddings|embed_in)\.weight$/;
const LAYER = /^(?:[\w-]+\.){0,4}?(?:layers|h|blocks|layer)\.(\d{1,6})\./;
const LORA_A = /\.lora_A(?:\.[\w-]{1,100})?\.weight$/;
const PLAIN: ReadonlySet<string> = new Set(['F32', 'F16', 'BF16', 'F64', 'F8_E4M3', 'F8_E5M2']);

/** What a comparison of a configuration with tensors came to. */
export interface ConfigShapes {
  /** One for each size that differs. */
  readonly findings: readonly Finding[];
  /** Sizes that are stated and are those of the tensors, by their key: `vocab_size`, `hidden_size`, `num_hidden_layers`. */
  readonly agreed: readonly string[];
}

/**
 * Sizes that a `config.json` states against the tensors of the model. More rows than words are padding and fine; tables
 * in packed types say nothing.
 *
 * @param config the parsed `config.json`
 * @param tensors of the whole model, all shards together
 */
export function checkConfigShapes(config: Loose, tensors: readonly TensorEntry[]): ConfigShapes {
  const findings = new FindingCollector();
  const agreed: string[] = [];
  // Models with several parts keep the language model's sizes in a part of their own.
  const sizes = valueOf(config, 'text_config') ?? config;
  const stated = (key: string): number | null => {
    const value = valueOf(sizes, key) ?? valueOf(config, key);
    return isNumber(value) && Number.isSafeInteger(value.value) ? value.value : null;
  };
  const compare = (key: string, expected: number, actual: number, same: boolean, tensor: string): void => {
    if (same) agreed.push(key);
    else
      findings.add('inconsistent-metadata', 'caution', {
        key,
        value: `${expected}`,
        actual,
        tensor: tensor.slice(0, 200),
      });
  };
  const embeddings = tensors.filter(
    ({ name, shape, dtype }) => EMBEDDING.test(name) && shape.length === 2 && PLAIN.has(dtype),
  );
  const [embedding] = embeddings;
  if (embedding !== undefined && embeddings.length === 1) {
    const [rows = 0, width = 0] = embedding.shape;
    const vocabulary = stated('vocab_size');
    if (vocabulary !== null) compare('vocab_size', vocabulary, rows, rows >= vocabulary, embedding.name);
    const hidden =
      stated('embedding_size') ?? stated('word_embed_proj_dim') ?? stated('hidden_size') ?? stated('n_embd');
    if (hidden !== null) compare('hidden_size', hidden, width, width === hidden, embedding.name);
  }
  const layers = layerCount(tensors);
  const expected = stated('num_hidden_layers') ?? stated('n_layer');
  if (layers !== null && expected !== null) {
    // Layers that predict further tokens come on top.
    const most = expected + (stated('num_nextn_predict_layers') ?? 0);
    const same = layers.count >= expected && layers.count <= most;
    compare('num_hidden_layers', expected, layers.count, same, layers.example);
  }
  return { findings: findings.list(), agreed };
}

/**
 * The rank that an `adapter_config.json` states against the first of each pair of LoRA matrices, whose rows it is (PEFT,
 * `tuners/lora/layer.py`). Ranks may differ by layer; a difference is told only where none of them has the stated one.
 */
export function checkAdapterShapes(config: Loose, tensors: readonly TensorEntry[]): ConfigShapes {
  const findings = new FindingCollector();
  const rank = valueOf(config, 'r');
  const pairs = tensors.filter(({ name, shape }) => LORA_A.test(name) && shape.length >= 2);
  const [first] = pairs;
  if (!isNumber(rank) || first === undefined) return { findings: [], agreed: [] };
  const same = pairs.filter(({ shape }) => shape[0] === rank.value).length;
  if (same === pairs.length) return { findings: [], agreed: ['r'] };
  if (same === 0) {
    const detail = { key: 'r', value: rank.text, actual: first.shape[0]!, tensor: first.name.slice(0, 200) };
    findings.add('inconsistent-metadata', 'caution', detail);
  }
  return { findings: findings.list(), agreed: [] };
}

/** Layers of the only stack there is; null when there are several, or none. */
function layerCount(tensors: readonly TensorEntry[]): { readonly count: number; readonly example: string } | null {
  const stacks = new Map<string, { count: number; example: string }>();
  for (const { name } of tensors) {
    const match = LAYER.exec(name);
    if (match === null) continue;
    const prefix = name.slice(0, match[0].length - match[1]!.length - 1);
    const count = Number(match[1]) + 1;
    const known = stacks.get(prefix);
    if (known === undefined) stacks.set(prefix, { count, example: name });
    else if (count > known.count) stacks.set(prefix, { count, example: name });
  }
  const [only] = stacks.values();
  return stacks.size === 1 && only !== undefined ? only : null;
}
