/** `config.json`: values of the wrong kind, sizes no machine has. */
import type { FindingCollector } from '../collector.ts';
import { isArray, isNumber, isObject, valueOf, type Loose } from '../loose-json.ts';

/** Counts and the largest that any model could state in earnest. */
const SIZES: Readonly<Record<string, number>> = {
  head_dim: 1e6,
  hidden_size: 1e7,
  intermediate_size: 1e8,
  max_position_embeddings: 1e10,
  n_embd: 1e7,
  n_head: 1e6,
  n_layer: 1e5,
  num_attention_heads: 1e6,
  num_experts: 1e6,
  num_hidden_layers: 1e5,
  num_key_value_heads: 1e6,
  num_local_experts: 1e6,
  vocab_size: 1e9,
};
const TEXTS: readonly string[] = ['model_type', 'torch_dtype', 'dtype', 'hidden_act', 'transformers_version'];

export function inspectModelConfig(root: Loose, findings: FindingCollector): void {
  if (!isObject(root)) {
    wrong('config', 'not an object', findings);
    return;
  }
  for (const [key, value] of root.members) {
    const most = Object.hasOwn(SIZES, key) ? SIZES[key] : undefined;
    if (most !== undefined && value !== null) inspectSize(key, value, most, findings);
    if (TEXTS.includes(key) && value !== null && typeof value !== 'string') wrong(key, 'not a text', findings);
    if (key === 'architectures' && value !== null) {
      if (!isArray(value) || !value.items.every((item) => typeof item === 'string'))
        wrong(key, 'not a list of texts', findings);
    }
    if (key === 'quantization_config' && value !== null) inspectQuantisation(value, findings);
  }
}

function inspectSize(key: string, value: Loose, most: number, findings: FindingCollector): void {
  // Some families give one number per stage.
  if (isArray(value)) {
    for (const item of value.items) inspectSize(key, item, most, findings);
    return;
  }
  if (!isNumber(value)) wrong(key, 'not a number', findings);
  else if (value.value > most) findings.add('resource-shape', 'caution', { name: key, value: value.text });
  else if (!(value.value >= 0) || !Number.isInteger(value.value)) wrong(key, value.text, findings);
}

function inspectQuantisation(value: Loose, findings: FindingCollector): void {
  if (!isObject(value)) {
    wrong('quantization_config', 'not an object', findings);
    return;
  }
  const method = valueOf(value, 'quant_method');
  if (method !== undefined && typeof method !== 'string') wrong('quant_method', 'not a text', findings);
  const bits = valueOf(value, 'bits');
  if (
    isNumber(bits) ? !(bits.value >= 1 && bits.value <= 32) : bits !== undefined && bits !== null && !isObject(bits)
  ) {
    wrong('bits', isNumber(bits) ? bits.text : 'not a number', findings);
  }
  const group = valueOf(value, 'group_size');
  if (
    isNumber(group)
      ? !(group.value === -1 || group.value >= 1)
      : group !== undefined && group !== null && !isArray(group)
  ) {
    wrong('group_size', isNumber(group) ? group.text : 'not a number', findings);
  }
  for (const key of ['desc_act', 'sym', 'load_in_4bit', 'load_in_8bit', 'zero_point']) {
    const flag = valueOf(value, key);
    if (flag !== undefined && flag !== null && typeof flag !== 'boolean')
      wrong(key, 'neither true nor false', findings);
  }
}

function wrong(key: string, value: string, findings: FindingCollector): void {
  findings.add('inconsistent-metadata', 'caution', { key, value });
}
