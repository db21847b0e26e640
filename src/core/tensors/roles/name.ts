/** A tensor's name taken apart: wrappers, parameter, stack, layer, expert. Linear in the name, which is capped. */
import { ROLE_NAME_MAX, ROLE_NAME_PARTS_MAX } from '../../limits.ts';
import { OUTSIDE, OUTSIDE_LAST, OUTSIDE_WORDS } from './outside.ts';
import type { Parameter, RoleCode } from './role.ts';
import { isLayerName } from './table.ts';

/** Words after which a number counts layers, as the lineage signals have them: not part of a component's prefix. */
const STACK_WORDS: ReadonlySet<string> = new Set(['layers', 'h', 'blocks', 'block', 'layer', 'blk']);

/** Others, which may stand beside each other in one model: these are part of the prefix. */
const NAMED_STACKS: ReadonlySet<string> = new Set([
  'resblocks',
  'transformer_blocks',
  'single_transformer_blocks',
  'double_blocks',
  'single_blocks',
  'joint_blocks',
  'decoder_layer',
  'transformer_encoder',
  'encoder_layers',
  'decoder_layers',
  'proj_blk',
  'mtp_layers',
  'resnets',
  'attentions',
  'layer1',
  'layer2',
  'layer3',
  'layer4',
  'stages',
  'albert_layer_groups',
  'posnet',
  'convnext',
]);

/** Parts of a name that training tools put around modules. */
const WRAPPERS: ReadonlySet<string> = new Set([
  '_orig_mod',
  '_fsdp_wrapped_module',
  '_checkpoint_wrapped_module',
  '_forward_module',
  'base_layer',
  'original_module',
]);

/** Last parts of a name → what of its role the tensor holds. */
const TAILS: ReadonlyMap<string, Parameter> = new Map<string, Parameter>([
  ...of(
    'weight',
    'weight',
    'kernel',
    'gamma',
    'embedding',
    'embeddings',
    'scale',
    'original0',
    'original1',
    'weight_g',
    'new_embedding',
  ),
  ...of(
    'weight',
    'weight_v',
    'parametrizations',
    'MatMul',
    'MatMul_quant',
    'MatMul_Q4',
    'MatMulNBits',
    'Gemm',
    'Gemm_quant',
    'Add',
    'Conv',
    'Gather',
    'linear',
  ),
  ...of('bias', 'bias', 'beta'),
  ...of('codes', 'qweight', 'weight_packed', 'blocks', 'q_weight', 'W_q', 'weight_Q4', 'weight_Q8', 'weight_quantized'),
  ...of('codes', 'weight_quant', '_data', '_packed', 'bias_quantized'),
  ...of('scale', 'qzeros', 'scales', 'g_idx', 'weight_scale', 'weight_scale_inv', 'weight_scale_2', 'biases', 'zeros'),
  ...of('scale', 'weight_zero_point', 'weight_g_idx', 'weight_shape', 'weight_global_scale', 'input_scale', 'SCB'),
  ...of('scale', 'input_global_scale', 'input_zero_point', 'k_scale', 'v_scale', 'q_scale', 'weight_format', 'absmax'),
  ...of('scale', 'quant_map', 'nested_absmax', 'nested_quant_map', 'quant_state', 'scale_inv', 'weight_scales'),
  ...of(
    'scale',
    'weight_zp',
    '_scale',
    '_zero_point',
    'output_scale',
    'amax',
    'weight_scaler',
    'weight_zeros',
    'bias_quantized_scale',
    'bias_quantized_zero_point',
  ),
  ...of('lora_a', 'lora_A', 'lora_a', 'lora_down', 'lora_embedding_A', 'lora_linear_layer_down'),
  ...of('lora_b', 'lora_B', 'lora_b', 'lora_up', 'lora_embedding_B'),
  ...of('magnitude', 'lora_magnitude_vector', 'alpha', 'dora_scale', 'ia3_l'),
]);

/** Parts that are followed by the name somebody gave an adapter. */
const NAMED_TAILS: ReadonlySet<string> = new Set([
  'lora_A',
  'lora_B',
  'lora_embedding_A',
  'lora_embedding_B',
  'lora_magnitude_vector',
  'modules_to_save',
]);

/** The same at the end of a last part: `in_proj_bias`, `gate_up_proj_blocks`. */
const ENDINGS: readonly (readonly [ending: string, parameter: Parameter])[] = [
  ['_weight', 'weight'],
  ['_bias', 'bias'],
  ['_blocks', 'codes'],
  ['_scales', 'scale'],
];

export interface ParsedName {
  /** What its layer's name begins with, ending in `.` or empty, with the word of the stack apart; null outside layers. */
  readonly stack: { readonly prefix: string; readonly layer: number } | null;
  /** Name inside the layer (or of all, outside layers), as far as some table may know it. */
  readonly key: string;
  readonly parameter: Parameter;
  readonly expert: number | 's' | 'all' | null;
  /** Outside layers: the role its last words have. */
  readonly outside?: RoleCode;
  /** A Keras kernel or the constant of an ONNX MatMul: stored as [in, out] when it is a matrix. */
  readonly inOut: boolean;
  readonly parts: readonly string[];
}

/** Whether some table gives this name a role. */
export function isKnown({ stack, key, outside }: ParsedName): boolean {
  return stack === null ? outside !== undefined : isLayerName(key);
}

function of(parameter: Parameter, ...names: readonly string[]): [string, Parameter][] {
  return names.map((name) => [name, parameter]);
}

const MADE_ENDINGS: readonly string[] = [
  ':0',
  '^T',
  '^Q',
  '_DequantizeLinear_Output',
  '_DequantizeLinear',
  '_dequantized',
];

/** What training keeps beside the weights. */
const OPTIMIZER = /^optimizer(?:_|$)/;

const NUMBER = /^\d{1,6}$/;
/** `layer_0`, `layer_._3`, `h_._1`: Keras and TensorFlow write lists of layers this way. */
const NUMBERED = /^(layer|layers|h|block|blocks)_(?:\._)?(\d{1,6})$/;

/** Places in a name where a stack may begin: real ones nest two deep. */
const STACKS_TRIED = 4;
/** Parts of a name inside a layer. The longest row of the tables has seven, with parameters eleven. */
const KEY_PARTS_MAX = 16;

/**
 * What was found for the names inside layers, which are the same in every layer. Lives as long as one description of a
 * model.
 */
export class KeyCache {
  readonly #found = new Map<string, Key>();

  /** At most some ten megabytes, whatever the names. */
  get(inside: readonly string[]): Key {
    const text = inside.join('.');
    const known = this.#found.get(text);
    if (known !== undefined) return known;
    const made = keyOf(inside);
    if (text.length <= 128 && this.#found.size < 65_536) this.#found.set(text, made);
    return made;
  }
}

/** Undefined for a name that is too long, or has too many parts, to be anybody's. */
export function parseName(name: string, keys: KeyCache): ParsedName | undefined {
  if (name.length > ROLE_NAME_MAX) return undefined;
  const parts = partsOf(name);
  if (parts.length === 0 || parts.length > ROLE_NAME_PARTS_MAX) return undefined;
  // `^T` undoes it.
  const inOut = !name.endsWith('^T') && (parts.includes('kernel') || parts.includes('MatMul'));

  if (OPTIMIZER.test(parts[0]!)) {
    return { stack: null, key: 'optimizer', parameter: 'weight', expert: null, outside: 'optimizer', inOut, parts };
  }
  let first: ParsedName | undefined;
  let tried = 0;
  for (let i = 0; i + 2 < parts.length && tried < STACKS_TRIED; i++) {
    const word = parts[i]!;
    const named = NAMED_STACKS.has(word);
    if (!(named || STACK_WORDS.has(word)) || !NUMBER.test(parts[i + 1]!)) continue;
    tried += 1;
    // ALBERT counts groups of layers; the layers inside share everything.
    const grouped = word === 'albert_layer_groups' && parts[i + 2] === 'albert_layers' && parts.length > i + 4;
    const inside = parts.slice(i + (grouped ? 4 : 2));
    const prefix = parts.slice(0, named && !grouped ? i + 1 : i).join('.');
    const stack = { prefix: prefix === '' ? '' : `${prefix}.`, layer: Number(parts[i + 1]) };
    const { key, parameter, expert, known } = keys.get(inside);
    const parsed = { stack, key, parameter, expert, inOut, parts };
    if (known) return parsed;
    first ??= parsed;
  }
  if (first !== undefined) return first;
  return outsideName(parts, inOut);
}

function partsOf(name: string): string[] {
  // TensorFlow's first output; what ONNX's tools add to the name of a weight that the graph makes.
  const ending = MADE_ENDINGS.find((text) => name.endsWith(text)) ?? '';
  const plain = name.slice(0, name.length - ending.length);
  const parts: string[] = [];
  for (const part of (plain.includes('/') ? plain.replaceAll('/', '.') : plain).split('.')) {
    if (part === '' || part === '_' || WRAPPERS.has(part)) continue;
    const last = parts.at(-1);
    if (part.startsWith('_') && NUMBER.test(part.slice(1)) && last?.endsWith('_') === true) {
      // `layer_._0`, split at its dot.
      parts[parts.length - 1] = last.slice(0, -1);
      parts.push(part.slice(1));
      continue;
    }
    const numbered = part.includes('_') ? NUMBERED.exec(part) : null;
    if (numbered !== null) parts.push(numbered[1]!, numbered[2]!);
    else parts.push(part);
  }
  let start = 0;
  for (;;) {
    if (parts[start] === 'module' && start + 1 < parts.length) start += 1;
    else if (parts[start] === 'base_model' && parts[start + 1] === 'model' && start + 2 < parts.length) start += 2;
    else break;
  }
  return start === 0 ? parts : parts.slice(start);
}

interface Key {
  readonly key: string;
  readonly parameter: Parameter;
  readonly expert: ParsedName['expert'];
  readonly known: boolean;
}

/** The longest form of a layer's name that a table knows; else the name without its parameter. */
function keyOf(inside: readonly string[]): Key {
  if (inside.length > KEY_PARTS_MAX) {
    return { key: inside.slice(-KEY_PARTS_MAX).join('.'), parameter: 'weight', expert: null, known: false };
  }
  const numbered = starred(inside);
  const forms = withoutTails(numbered.parts);
  for (const { parts, parameter } of forms) {
    const key = parts.join('.');
    if (isLayerName(key)) return { key, parameter, expert: numbered.expert, known: true };
  }
  const named = numbered.expert === null ? expertsByName(inside) : undefined;
  for (const { parts, parameter } of named === undefined ? [] : withoutTails(named.parts)) {
    const key = parts.join('.');
    if (isLayerName(key)) return { key, parameter, expert: named!.expert, known: true };
  }
  const last = forms.at(-1)!;
  return { key: last.parts.join('.'), parameter: last.parameter, expert: numbered.expert, known: false };
}

const EXPERT_LISTS: ReadonlySet<string> = new Set(['experts', 'moe']);

/** An expert's number as `*`: after `experts`, and in GGUF files from before experts were stacked (`ffn_up.3`). */
function starred(inside: readonly string[]): { parts: readonly string[]; expert: number | null } {
  const at = inside.findIndex(
    (part, i) =>
      NUMBER.test(part) && (EXPERT_LISTS.has(inside[i - 1] ?? '') || inside[i - 1]?.startsWith('ffn_') === true),
  );
  return at < 0 ? { parts: inside, expert: null } : { parts: inside.with(at, '*'), expert: Number(inside[at]) };
}

/** Words for the expert that all tokens use. */
const SHARED_EXPERT: ReadonlySet<string> = new Set(['shared_expert', 'shared_experts', 'share_expert', 'shared_mlp']);

/** Experts that a name gives no number: all in one tensor, or the one that is shared. */
function expertsByName(inside: readonly string[]): { parts: readonly string[]; expert: 's' | 'all' } | undefined {
  const at = inside.findIndex((part) => part === 'experts' || SHARED_EXPERT.has(part));
  if (at < 0) return undefined;
  return { parts: inside.toSpliced(at, 1, 'experts', '*'), expert: inside[at] === 'experts' ? 'all' : 's' };
}

function outsideName(parts: readonly string[], inOut: boolean): ParsedName {
  const forms = withoutTails(parts.length > KEY_PARTS_MAX ? parts.slice(-KEY_PARTS_MAX) : parts);
  for (const form of forms) {
    const last = form.parts.at(-1)!;
    if (!OUTSIDE_LAST.has(last) && !NUMBER.test(last)) continue;
    for (let words = Math.min(OUTSIDE_WORDS, form.parts.length); words > 0; words--) {
      const tail = form.parts.slice(-words);
      const outside = OUTSIDE.get(tail.join('.')) ?? OUTSIDE.get(tail.map((p) => (NUMBER.test(p) ? '*' : p)).join('.'));
      if (outside === undefined) continue;
      return { stack: null, key: tail.join('.'), parameter: form.parameter, expert: null, outside, inOut, parts };
    }
  }
  const { parts: rest, parameter } = forms.at(-1)!;
  return { stack: null, key: rest.join('.'), parameter, expert: null, inOut, parts };
}

/** The parts as they are, then with one parameter after the other taken off the end. Never none. */
function withoutTails(all: readonly string[]): { parts: readonly string[]; parameter: Parameter }[] {
  const forms: { parts: readonly string[]; parameter: Parameter }[] = [{ parts: all, parameter: 'weight' }];
  let parts = all;
  let parameter: Parameter = 'weight';
  while (parts.length > 1 && forms.length < 8) {
    const last = parts.at(-1)!;
    const named = parts.length > 2 && NAMED_TAILS.has(parts.at(-2)!);
    const tail = named ? (TAILS.get(parts.at(-2)!) ?? 'weight') : tailOf(last);
    if (tail === undefined) break;
    if (tail !== 'weight') parameter = parameter === 'weight' || tail.startsWith('lora') ? tail : parameter;
    parts = parts.slice(0, named ? -2 : -1);
    forms.push({ parts, parameter });
  }
  const last = parts.at(-1)!;
  for (const [ending, tail] of ENDINGS) {
    if (!last.endsWith(ending) || last.length === ending.length) continue;
    const cut = [...parts.slice(0, -1), last.slice(0, -ending.length)];
    forms.push({ parts: cut, parameter: parameter === 'weight' ? tail : parameter });
    break;
  }
  return forms;
}

function tailOf(part: string): Parameter | undefined {
  return TAILS.get(part) ?? (part.startsWith('bitsandbytes__') ? 'scale' : undefined);
}
