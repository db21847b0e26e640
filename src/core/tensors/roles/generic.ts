/** Names of plain layers (Keras, torchvision, toolboxes) that say what kind of layer a tensor belongs to and no more. */
import type { RoleRow } from './family.ts';
import type { ParsedName } from './name.ts';
import type { NamedTensor, RoleCode } from './role.ts';

const KINDS: ReadonlyMap<string, RoleCode> = new Map<string, RoleCode>([
  ...of('conv', 'conv', 'conv1d', 'conv2d', 'conv3d', 'depthwise_conv2d', 'separable_conv2d', 'conv2d_transpose'),
  ...of('conv', 'conv1d_transpose', 'conv_transpose', 'pointwise', 'depthwise', 'conv_dw', 'conv_pw', 'dwconv'),
  ...of('dense', 'dense', 'fc', 'linear', 'proj', 'projection', 'fully_connected', 'logits', 'last_linear', 'out_proj'),
  ...of('norm', 'batch_normalization', 'batchnorm', 'bn', 'layer_normalization', 'layernorm', 'layer_norm', 'norm'),
  ...of('norm', 'group_normalization', 'instancenorm', 'groupnorm', 'instance_norm', 'batch_norm'),
  ...of('recurrent', 'lstm', 'gru', 'rnn', 'simple_rnn', 'lstm_cell', 'gru_cell', 'bidirectional', 'weight_ih_l'),
  ...of('recurrent', 'weight_hh_l', 'bias_ih_l', 'bias_hh_l', 'recurrent_kernel', 'weight_ih', 'weight_hh'),
  ...of('recurrent', 'bias_ih', 'bias_hh'),
  ...of('embed', 'embedding', 'embeddings', 'token_and_position_embedding'),
  ...of('norm_mean', 'running_mean', 'moving_mean'),
  ...of('norm_var', 'running_var', 'moving_variance'),
  ...of('buffer', 'num_batches_tracked'),
  ...of('q', 'query'),
  ...of('k', 'key'),
  ...of('v', 'value'),
]);

function of(role: RoleCode, ...names: readonly string[]): [string, RoleCode][] {
  return names.map((name) => [name, role]);
}

/** The kind of layer that the last words of a name tell; undefined when they tell none. */
export function genericRole({ key, parts, parameter, inOut }: ParsedName, { shape }: NamedTensor): RoleRow | undefined {
  const words = key.split('.');
  const own = parts.at(-1) ?? '';
  if (shape.length === 0 && own !== 'bias' && own !== 'num_batches_tracked') return undefined;
  for (const word of [own, words.at(-1) ?? '', parts.at(-2) ?? '', words.at(-2) ?? '']) {
    const role = KINDS.get(stem(word));
    // Only a Keras attention layer has parameters named by query, key and value alone.
    if (role === undefined || ((role === 'q' || role === 'k' || role === 'v') && !inOut)) continue;
    if (role === 'embed' && shape.length !== 2) continue;
    return { role };
  }
  // Nothing else has kernels of three and more dimensions, and a weight.
  return parameter === 'weight' && own === 'weight' && shape.length >= 4 ? { role: 'conv' } : undefined;
}

/** `conv2d_12` → `conv2d`, `bn1` → `bn`; names that end in a digit of their own stay as they are. */
function stem(word: string): string {
  if (KINDS.has(word)) return word;
  let end = word.length;
  while (end > 0 && '0123456789_'.includes(word[end - 1]!)) end--;
  return word.slice(0, end);
}
