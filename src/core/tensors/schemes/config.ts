/** Reads the quantisation section of a model's config. Everything in it is hostile; what is malformed is not there. */
import type { QuantConfig } from './scheme.ts';

type Json = Readonly<Record<string, unknown>>;

function object(value: unknown): Json | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : undefined;
}

function member(value: Json | undefined, key: string): unknown {
  return value !== undefined && Object.hasOwn(value, key) ? value[key] : undefined;
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value.length <= 100 ? value.toLowerCase() : undefined;
}

function integer(value: unknown, least: number, most: number): number | undefined {
  return typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most ? value : undefined;
}

const DTYPES: ReadonlyMap<string, string> = new Map([
  ['float16', 'F16'],
  ['bfloat16', 'BF16'],
  ['float32', 'F32'],
]);

/** `float16`, `torch.bfloat16` … as a canonical dtype name. */
export function torchDtype(value: unknown): string | undefined {
  return DTYPES.get(text(value)?.replace('torch.', '') ?? '');
}

/** Weight settings of the first group of compressed-tensors' config. */
function compressedWeights(section: Json): Json | undefined {
  const groups = object(member(section, 'config_groups'));
  const [first] = groups === undefined ? [] : Object.values(groups);
  return object(member(object(first), 'weights'));
}

function layersOf(section: Json): QuantConfig['layers'] {
  const layers = new Map<string, { bits?: number; groupSize?: number; mode?: string }>();
  for (const [name, value] of Object.entries(section)) {
    const layer = object(value);
    if (layer === undefined) continue;
    const bits = integer(layer['bits'], 1, 16);
    const groupSize = integer(layer['group_size'], 1, 2 ** 31);
    const mode = text(layer['mode']);
    layers.set(name, {
      ...(bits === undefined ? {} : { bits }),
      ...(groupSize === undefined ? {} : { groupSize }),
      ...(mode === undefined ? {} : { mode }),
    });
  }
  return layers;
}

/** @param config parsed `config.json` (or `quantize_config.json`), or undefined when there is none */
export function quantConfig(config: unknown): QuantConfig {
  const whole = object(config);
  const standard = object(member(whole, 'quantization_config'));
  const mlx = standard === undefined ? object(member(whole, 'quantization')) : undefined;
  // quantize_config.json of GPTQ is the section itself.
  const section = standard ?? mlx ?? (member(whole, 'bits') === undefined ? undefined : whole);
  if (section === undefined) return { layers: new Map() };
  const weights = compressedWeights(section);
  const method = mlx === undefined ? text(member(section, 'quant_method')) : 'mlx';
  const bits = integer(member(section, 'bits') ?? member(weights, 'num_bits'), 1, 64);
  const groupSize = integer(
    member(section, 'group_size') ?? member(section, 'q_group_size') ?? member(weights, 'group_size'),
    1,
    2 ** 31,
  );
  const format = text(
    member(section, 'checkpoint_format') ??
      member(section, 'format') ??
      member(section, 'packing_format') ??
      member(section, 'version'),
  );
  const block = member(section, 'weight_block_size') ?? member(weights, 'block_structure');
  const [rows, columns] = Array.isArray(block) ? block.map((n: unknown) => integer(n, 1, 2 ** 31)) : [];
  const mode = text(member(section, 'mode'));
  const computeDtype = torchDtype(member(whole, 'torch_dtype') ?? member(whole, 'dtype'));
  return {
    layers: mlx === undefined ? new Map() : layersOf(mlx),
    ...(method === undefined ? {} : { method }),
    ...(bits === undefined ? {} : { bits }),
    ...(groupSize === undefined ? {} : { groupSize }),
    ...(format === undefined ? {} : { format }),
    ...(rows === undefined || columns === undefined ? {} : { block: [rows, columns] as const }),
    ...(mode === undefined ? {} : { mode }),
    ...(computeDtype === undefined ? {} : { computeDtype }),
  };
}
