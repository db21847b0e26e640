/** Names of plain layers (Keras, torchvision, toolboxes) that say what kind of layer a tensor belongs to and no more. */
import type { RoleRow } from './family.ts';
import type { ParsedName } from './name.ts';
import type { NamedTensor, Parameter, RoleCode } from './role.ts';

const KINDS: ReadonlyMap<string, RoleCode> = new Map<string, RoleCode>([
  ...of('conv', 'conv', 'conv1d', 'conv2d', 'conv3d', 'depthwise_conv2d', 'separable_conv2d', 'conv2d_transpose'),
  ...of('conv', 'conv1d_transpose', 'conv_transpose', 'pointwise', 'depthwise', 'conv_dw', 'conv_pw', 'dwconv'),
  ...of('dense', 'dense', 'fc', 'linear', 'proj', 'projection', 'fully_connected', 'logits', 'last_linear', 'out_proj'),
  ...of('dense', 'output'),
  ...of('norm', 'batch_normalization', 'batchnorm', 'bn', 'layer_normalization', 'layernorm', 'layer_norm', 'norm'),
  ...of('norm', 'group_normalization', 'instancenorm', 'groupnorm', 'instance_norm', 'batch_norm'),
  ...of('recurrent', 'lstm', 'gru', 'rnn', 'simple_rnn', 'lstm_cell', 'gru_cell', 'bidirectional', 'weight_ih_l'),
  ...of('recurrent', 'weight_hh_l', 'bias_ih_l', 'bias_hh_l', 'recurrent_kernel', 'weight_ih', 'weight_hh'),
  ...of('recurrent', 'bias_ih', 'bias_hh'),
  ...of('embed', 'embedding', 'embeddings', 'token_and_position_embedding'),
  ...of('norm_mean', 'running_mean', 'moving_mean'),
  ...of('norm_var', 'running_var', 'moving_variance'),
  ...of('layer_extra', 'prelu'),
  ...of('o', 'output_dense'),
  ...of('q', 'query', 'query_dense'),
  ...of('k', 'key', 'key_dense'),
  ...of('v', 'value', 'value_dense'),
]);

/** Tables and masks that are the same in every model of a shape, wherever they are kept. */
const BUFFERS: ReadonlySet<string> = new Set([
  'inv_freq',
  'cos_cached',
  'sin_cached',
  'masked_bias',
  'causal_mask',
  'attn_mask',
  'position_ids',
  'relative_position_index',
  'relative_coords_table',
  'num_batches_tracked',
]);

function of(role: RoleCode, ...names: readonly string[]): [string, RoleCode][] {
  return names.map((name) => [name, role]);
}

/** Keras 3 numbers the variables of a layer instead of naming them; what they are, by kind of layer. */
const KERAS: Readonly<Partial<Record<RoleCode, readonly Parameter[]>>> = {
  dense: ['weight', 'bias'],
  conv: ['weight', 'bias'],
  norm: ['weight', 'bias'],
  recurrent: ['weight', 'weight', 'bias'],
};

export interface GenericRole extends RoleRow {
  /** Where the name does not say it in a word of its own. */
  readonly parameter?: Parameter;
}

/** The kind of layer that the last words of a name tell; undefined when they tell none. */
export function genericRole(
  { key, parts, parameter, inOut }: ParsedName,
  { shape }: NamedTensor,
): GenericRole | undefined {
  const own = parts.at(-1) ?? '';
  if (BUFFERS.has(own)) return { role: 'buffer' };
  if (parts.at(-2) === 'vars') return kerasVariable(parts, shape);
  const scalar = parameter === 'scale' || parameter === 'codes' || own === 'bias';
  if (shape.length === 0 && !scalar) return undefined;
  const words = key.split('.');
  for (const word of [own, words.at(-1) ?? '', parts.at(-2) ?? '', words.at(-2) ?? '']) {
    const role = kindOf(word);
    // Only a Keras attention layer has parameters named by query, key and value alone.
    if (role === undefined || ((role === 'q' || role === 'k' || role === 'v') && !inOut)) continue;
    if (role === 'embed' && shape.length !== 2) continue;
    return { role };
  }
  if (own === 'kernel' && shape.length >= 2) return { role: shape.length === 2 ? 'dense' : 'conv' };
  // Nothing else has kernels of three and more dimensions, and a weight.
  return parameter === 'weight' && own === 'weight' && shape.length >= 4 ? { role: 'conv' } : undefined;
}

/** `layers/dense_1/vars/0`. */
function kerasVariable(parts: readonly string[], shape: readonly number[]): GenericRole | undefined {
  const place = Number(parts.at(-1));
  const role = kindOf(parts.at(-3) ?? '');
  if (role === undefined || !Number.isInteger(place)) return undefined;
  if (role === 'norm' && place > 1) return place < 4 ? { role: place === 2 ? 'norm_mean' : 'norm_var' } : undefined;
  if (role === 'q' || role === 'k' || role === 'v' || role === 'o') {
    return { role, parameter: place === 1 || shape.length < 3 ? 'bias' : 'weight' };
  }
  const parameter = KERAS[role]?.[place];
  return parameter === undefined ? { role } : { role, parameter };
}

/** By the whole word without its number, else by what follows its last underscore: `conv2d_12`, `final_conv`. */
function kindOf(word: string): RoleCode | undefined {
  const whole = stem(word);
  return KINDS.get(whole) ?? KINDS.get(stem(whole.slice(whole.lastIndexOf('_') + 1)));
}

/** `conv2d_12` → `conv2d`, `bn1` → `bn`; names that end in a digit of their own stay as they are. */
function stem(word: string): string {
  if (KINDS.has(word)) return word;
  let end = word.length;
  while (end > 0 && '0123456789_'.includes(word[end - 1]!)) end--;
  return word.slice(0, end);
}
