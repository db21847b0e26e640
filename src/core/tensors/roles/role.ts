/**
 * What a tensor is: its role, its layer, the part of the model it belongs to. Plain data, made by `describeRoles`.
 *
 * The short codes are those of the canonical tensor ids of the lineage signals (`<layer>.<role>[.<expert>]`); the titles
 * are the words people read.
 */

import type { TensorUse } from '../entry.ts';

/** Every role, with its title. Codes above the gap enter canonical ids; those below only say what a tensor is. */
export const ROLE_TITLES = {
  embed: 'embedding',
  head: 'lm_head',
  pos: 'embedding.position',
  p_emb: 'norm.embedding',
  emb_map: 'embedding.projection',
  g_final: 'norm.final',
  q: 'attention.q',
  k: 'attention.k',
  v: 'attention.v',
  o: 'attention.o',
  xq: 'cross.q',
  xk: 'cross.k',
  xv: 'cross.v',
  xo: 'cross.o',
  q_a: 'attention.q_a',
  q_b: 'attention.q_b',
  kv_a: 'attention.kv_a',
  kv_b: 'attention.kv_b',
  gate: 'mlp.gate',
  up: 'mlp.up',
  down: 'mlp.down',
  router: 'moe.router',
  g_attn: 'norm.input',
  g_ffn: 'norm.mlp',
  g_attn_post: 'norm.attention_output',
  g_ffn_post: 'norm.mlp_output',
  g_xattn: 'norm.cross',
  p_attn: 'norm.after_attention',
  p_ffn: 'norm.after_mlp',
  p_xattn: 'norm.after_cross',
  qn: 'norm.q',
  kn: 'norm.k',
  g_q_a: 'norm.q_a',
  g_kv_a: 'norm.kv_a',
  // Several matrices stored as one: `parts` says which rows or columns are whose.
  qkv: 'attention.qkv',
  kv: 'attention.kv',
  xqkv: 'cross.qkv',
  xkv: 'cross.kv',
  gate_up: 'mlp.gate_up',
  // State-space and linear attention layers: the role is the name in the layer.
  ssm_in: 'ssm.in',
  ssm_out: 'ssm.out',
  ssm_x: 'ssm.x',
  ssm_dt: 'ssm.dt',
  ssm_conv: 'ssm.conv',
  ssm_a: 'ssm.a',
  ssm_d: 'ssm.d',
  ssm_gate: 'ssm.gate',
  ssm_norm: 'ssm.norm',
  rwkv_r: 'time_mix.receptance',
  rwkv_k: 'time_mix.key',
  rwkv_v: 'time_mix.value',
  rwkv_g: 'time_mix.gate',
  rwkv_o: 'time_mix.output',
  rwkv_ck: 'channel_mix.key',
  rwkv_cv: 'channel_mix.value',
  rwkv_cr: 'channel_mix.receptance',
  rwkv_mix: 'time_mix.coefficient',

  type_embed: 'embedding.segment',
  token_extra: 'embedding.token',
  patch: 'embedding.patch',
  grid_pos: 'embedding.grid_position',
  rel_pos: 'attention.relative_position',
  sink: 'attention.sink',
  attn_gate: 'attention.gate',
  sparse_index: 'attention.index',
  layer_scale: 'layer.scale',
  layer_extra: 'layer.extra',
  shared_gate: 'moe.shared_gate',
  norm: 'norm',
  norm_mean: 'norm.running_mean',
  norm_var: 'norm.running_variance',
  modulation: 'modulation',
  time_embed: 'embedding.time',
  cond_embed: 'embedding.condition',
  projector: 'projector',
  draft_in: 'draft.input',
  pooler: 'pooler',
  mlm: 'head.transform',
  mlm_head: 'head.tokens',
  classifier: 'head.classifier',
  logits_bias: 'head.logits_bias',
  soft_prompt: 'adapter.prompt',
  optimizer: 'optimizer',
  conv: 'conv',
  dense: 'dense',
  recurrent: 'recurrent',
  resample: 'resample',
  shortcut: 'shortcut',

  buffer: 'buffer',
  unknown: 'unknown',
} as const;

export type RoleCode = keyof typeof ROLE_TITLES;

/** Where `type_embed`, the first role without a place in canonical ids, stands. */
const FIRST_DESCRIPTIVE: RoleCode = 'type_embed';

/** Roles that a canonical id can have. All others "stay unmapped" for the lineage signals. */
export const CANONICAL_ROLES: ReadonlySet<RoleCode> = new Set(
  (Object.keys(ROLE_TITLES) as RoleCode[]).slice(
    0,
    (Object.keys(ROLE_TITLES) as RoleCode[]).indexOf(FIRST_DESCRIPTIVE),
  ),
);

/**
 * What of its role a stored tensor holds. `codes` and `scale` are pieces of one quantised weight; `lora_a`, `lora_b`
 * and `magnitude` belong to an adapter of it.
 */
export type Parameter = 'weight' | 'bias' | 'codes' | 'scale' | 'lora_a' | 'lora_b' | 'magnitude';

/**
 * A part of a fused tensor: along `axis` of the stored shape (0 = rows) the places `start + i * every + j` for i below
 * `count`, j below `length`. One run where `count` is 1. Where experts are stacked, `axis` counts the stacked shape and
 * the part is the same in each.
 */
export interface FusedPart {
  readonly role: RoleCode;
  readonly axis: number;
  readonly start: number;
  readonly length: number;
  readonly every: number;
  readonly count: number;
}

export interface TensorRole {
  readonly role: RoleCode;
  readonly parameter: Parameter;
  /** The number in the name (not a position); null outside the layers. */
  readonly layer: number | null;
  /** State-space and recurrent layers: the name inside the layer, which stands for the role in canonical ids. */
  readonly suffix?: string;
  /** The expert's number; `s` for the one all tokens use; `all` when experts are stacked along axis 0. */
  readonly expert: number | 's' | 'all' | null;
  /** Place in `components`; null when the model has none that it could belong to. */
  readonly component: number | null;
  /** Further components that use the same tensor (one embedding for encoder and decoder). */
  readonly alsoIn?: readonly number[];
  /** Stored as [in, out] (Conv1D, ONNX MatMul, Keras kernels), where that is certain. */
  readonly transposed: boolean;
  /** Rows pair up for rotary positions as (0, 1), (2, 3) … as in Meta's release and GGUF of llama. */
  readonly rotaryPairs: boolean;
  /** For fused roles: what lies where. Absent when that takes head counts that are not known or do not fit. */
  readonly parts?: readonly FusedPart[];
  /** How it is known: by its name, by the name of the graph's node that takes it, or guessed from shapes and order alone. */
  readonly by: 'name' | 'graph' | 'shape';
}

export type ComponentKind =
  'text' | 'encoder' | 'decoder' | 'vision' | 'audio' | 'projector' | 'draft' | 'denoiser' | 'autoencoder' | 'other';

/** A part with its own stack of layers (or, for projectors, without one). */
export interface Component {
  /** What its layers' names begin with, up to the word for the stack; wrappers of training tools left out. */
  readonly prefix: string;
  readonly kind: ComponentKind;
  /** Vision and audio towers by their prefix, everything else text: stacks of one tower are comparable. */
  readonly tower: 'text' | 'vision' | 'audio';
  /** Layer numbers in ascending order. */
  readonly layers: readonly number[];
  /** Tensors in it, whatever their role. */
  readonly tensors: number;
  /** Elements of the tensors in its stack (codes count as stored). */
  readonly stackElements: number;
}

export interface RoleCounts {
  readonly tensors: number;
  /** With a role, buffers included. */
  readonly known: number;
  readonly unknown: number;
  /** Of the known: rotary tables, masks and other things that hold nothing learnt. */
  readonly buffers: number;
  /** Of the known: guessed from shapes and order. */
  readonly guessed: number;
}

export interface RoleMap {
  /** In the order of the tensors given. */
  readonly roles: readonly TensorRole[];
  /** Largest stack first; then by prefix. */
  readonly components: readonly Component[];
  readonly counts: RoleCounts;
}

/** Attention heads of one part, as its configuration states them. */
export interface HeadCounts {
  readonly heads: number;
  /** Heads of keys and values. */
  readonly kvHeads: number;
  /** Values of a head, where stated. */
  readonly headDim?: number;
}

/** What is known besides the tensors. All of it is optional knowledge: contradictions with shapes leave parts out. */
export interface RoleHint {
  /** The container (`FormatId`): naming customs differ. */
  readonly format?: string;
  /** `model_type` of a configuration, `general.architecture` of GGUF. */
  readonly architecture?: string;
  /** By tower, and for encoder-decoder models by side; `text` also serves sides that are not given. */
  readonly heads?: Readonly<Partial<Record<'text' | 'vision' | 'audio' | 'encoder' | 'decoder', HeadCounts>>>;
}

/** What is asked about each tensor. */
export interface NamedTensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: string;
  /** Where the container says more: a `TensorEntry` has it. */
  readonly origin?: { readonly use?: TensorUse };
}

/** `12.q.3.bias`, `embed`, `g_final`: unique within a component for what the lineage signals use. */
export function canonicalId({ role, suffix, parameter, layer, expert }: TensorRole): string {
  const name = suffix ?? role;
  const head = layer === null ? name : `${layer}.${name}`;
  const full = expert === null || expert === 'all' ? head : `${head}.${expert}`;
  return parameter === 'bias' ? `${full}.bias` : full;
}
