/**
 * Names of GGUF tensors inside a block (`blk.N.`, `enc.blk.N.`, `dec.blk.N.`, `v.blk.N.`, `a.blk.N.`), as listed by the
 * specification (ggml docs/gguf.md) and gguf-py 0.19 `constants.py`.
 */
import type { Family } from './family.ts';
import type { RoleCode } from './role.ts';

/**
 * Architectures of llama.cpp whose converter pairs up the rows of q and k (`LlamaModel.permute` and its heirs, unless they
 * say `undo_permute = False` as Llama-4 and Apertus do). Files made from Mistral's own format bear the name `llama` too
 * and are paired already: the rows lie the same way.
 */
const PERMUTED = [
  'llama',
  'olmo',
  'granite',
  'granitemoe',
  'smollm3',
  'minicpm',
  'deci',
  'arctic',
  'arcee',
  'baichuan',
  'xverse',
  'internlm2',
];

const STACKED = { expert: 'all' } as const;
const SHARED = { expert: 's' } as const;

export const GGUF_FAMILIES: readonly Family[] = [
  {
    title: 'GGUF blocks',
    names: {
      attn_q: 'q',
      attn_k: 'k',
      attn_v: 'v',
      attn_output: 'o',
      attn_out: 'o',
      attn_o: 'o',
      attn_qkv: { role: 'qkv', layout: 'concat' },
      attn_norm: 'g_attn',
      attn_norm_2: 'g_ffn',
      attn_q_norm: 'qn',
      attn_k_norm: 'kn',
      attn_sinks: 'sink',
      attn_gate: 'attn_gate',
      attn_rot_embd: 'buffer',
      attn_rel_b: 'rel_pos',
      attn_k_rel: 'rel_pos',
      attn_rel_pos_emb: 'rel_pos',
      attn_sub_norm: 'norm',
      ffn_sub_norm: 'norm',
      ffn_norm: 'g_ffn',
      ffn_gate: 'gate',
      ffn_up: 'up',
      ffn_down: 'down',
      ffn_act: 'layer_extra',
      post_attention_norm: 'g_attn_post',
      attn_post_norm: 'g_attn_post',
      post_ffw_norm: 'g_ffn_post',
      ffn_post_norm: 'g_ffn_post',
      ...same('norm', ['pre_ffw_norm_2', 'post_ffw_norm_1', 'post_ffw_norm_2', 'ffn_norm_exps', 'post_norm']),
      attn_output_norm: 'p_attn',
      layer_output_norm: 'p_ffn',
      layer_output_scale: 'layer_scale',
      cross_attn_norm: 'g_xattn',
      cross_attn_q: 'xq',
      cross_attn_k: 'xk',
      cross_attn_v: 'xv',
      cross_attn_o: 'xo',
      cross_attn_out: 'xo',
      cross_attn_rel_b: 'rel_pos',
      self_attn_q: 'q',
      self_attn_k: 'k',
      self_attn_v: 'v',
      self_attn_out: 'o',
      self_attn_norm: 'g_attn',
      ln1: 'g_attn',
      ln2: 'g_ffn',
      ls1: 'layer_scale',
      ls2: 'layer_scale',
    },
  },
  {
    title: 'GGUF mixtures of experts',
    names: {
      ffn_gate_inp: 'router',
      exp_probs_b: 'router',
      ffn_gate_inp_shexp: 'shared_gate',
      ffn_gate_exps: { role: 'gate', ...STACKED },
      ffn_up_exps: { role: 'up', ...STACKED },
      ffn_down_exps: { role: 'down', ...STACKED },
      ffn_gate_up_exps: { role: 'gate_up', layout: 'concat', ...STACKED },
      ffn_gate_shexp: { role: 'gate', ...SHARED },
      ffn_up_shexp: { role: 'up', ...SHARED },
      ffn_down_shexp: { role: 'down', ...SHARED },
      // Files made before experts were stacked.
      'ffn_gate.*': 'gate',
      'ffn_up.*': 'up',
      'ffn_down.*': 'down',
      ...same('layer_extra', [
        'ffn_gate_chexps',
        'ffn_up_chexps',
        'ffn_down_chexps',
        'ffn_latent_down',
        'ffn_latent_up',
      ]),
    },
  },
  {
    title: 'GGUF latent attention',
    names: {
      attn_q_a: 'q_a',
      attn_q_b: 'q_b',
      attn_kv_a_mqa: 'kv_a',
      attn_kv_b: 'kv_b',
      // kv_b split per head and its key half transposed: not the stored matrix of anybody else.
      attn_k_b: 'layer_extra',
      attn_v_b: 'layer_extra',
      attn_q_a_norm: 'g_q_a',
      attn_kv_a_norm: 'g_kv_a',
      ...same('sparse_index', ['indexer.proj', 'indexer.attn_k', 'indexer.attn_q_b']),
      'indexer.k_norm': 'norm',
    },
  },
  {
    title: 'GGUF of llama (rows of q and k paired)',
    when: { has: ['attn_q'], architecture: PERMUTED },
    names: { attn_q: { role: 'q', rotaryPairs: true }, attn_k: { role: 'k', rotaryPairs: true } },
  },
  {
    title: 'GGUF of Phi-3, GLM-4, ChatGLM (gate and up in one)',
    when: { has: ['ffn_up'], lacks: ['ffn_gate'], architecture: ['phi3*', 'glm4*', 'chatglm*', 'plamo2*'] },
    names: { ffn_up: { role: 'gate_up', layout: 'concat' } },
  },
  {
    title: 'GGUF of Gemma-2, Gemma-3, OLMo-2, GLM-4',
    when: { has: ['post_ffw_norm'] },
    names: { post_attention_norm: 'g_attn_post' },
  },
  {
    title: 'GGUF of Qwen3-Next and others without ffn_norm',
    when: { has: ['post_attention_norm'], lacks: ['ffn_norm', 'post_ffw_norm'] },
    names: { post_attention_norm: 'g_ffn' },
  },
  {
    title: 'GGUF state-space layers',
    names: {
      ssm_in: 'ssm_in',
      ssm_out: 'ssm_out',
      ssm_x: 'ssm_x',
      ssm_a: 'ssm_a',
      ssm_d: 'ssm_d',
      ssm_conv1d: 'ssm_conv',
      ssm_norm: 'ssm_norm',
      ...same('ssm_norm', ['ssm_dt_norm', 'ssm_b_norm', 'ssm_c_norm']),
      ...same('ssm_dt', ['ssm_dt', 'ssm_ba', 'ssm_alpha', 'ssm_beta', 'ssm_f_a', 'ssm_f_b']),
      ...same('ssm_conv', ['ssm_conv1d_q', 'ssm_conv1d_k', 'ssm_conv1d_v', 'shortconv.conv']),
      ...same('ssm_gate', ['ssm_g_a', 'ssm_g_b']),
      'shortconv.in_proj': 'ssm_in',
      'shortconv.out_proj': 'ssm_out',
    },
  },
  {
    title: 'GGUF of RWKV',
    names: {
      time_mix_receptance: 'rwkv_r',
      time_mix_key: 'rwkv_k',
      time_mix_value: 'rwkv_v',
      time_mix_gate: 'rwkv_g',
      time_mix_output: 'rwkv_o',
      time_mix_ln: 'ssm_norm',
      channel_mix_key: 'rwkv_ck',
      channel_mix_value: 'rwkv_cv',
      channel_mix_receptance: 'rwkv_cr',
      ...same('rwkv_mix', ['channel_mix_lerp_k', 'channel_mix_lerp_r', 'time_mix_first', 'time_mix_decay']),
      ...same('rwkv_mix', ['time_mix_decay_w1', 'time_mix_decay_w2', 'time_mix_lerp_fused', 'time_mix_lerp_w']),
      ...same('rwkv_mix', ['time_mix_lerp_x', 'time_mix_lerp_k', 'time_mix_lerp_v', 'time_mix_lerp_r']),
      ...same('rwkv_mix', ['time_mix_lerp_g', 'time_mix_w0', 'time_mix_w1', 'time_mix_w2', 'time_mix_a0']),
      ...same('rwkv_mix', ['time_mix_a1', 'time_mix_a2', 'time_mix_v0', 'time_mix_v1', 'time_mix_v2']),
      ...same('rwkv_mix', ['time_mix_g1', 'time_mix_g2', 'time_mix_k_k', 'time_mix_k_a', 'time_mix_r_k']),
    },
  },
  {
    title: 'GGUF of Gemma-3n, CogVLM, draft layers',
    names: {
      ...same('layer_extra', ['inp_gate', 'proj', 'laurel_l', 'laurel_r', 'altup_correct_coef', 'altup_correct_scale']),
      ...same('layer_extra', ['altup_predict_coef', 'altup_router', 'vis_attn_qkv', 'vis_attn_output']),
      ...same('layer_extra', ['vis_gate', 'vis_down', 'vis_up']),
      ...same('norm', [
        'altup_router_norm',
        'laurel_post_norm',
        'nextn.enorm',
        'nextn.hnorm',
        'nextn.shared_head_norm',
      ]),
      'nextn.eh_proj': 'draft_in',
      'nextn.embed_tokens': 'token_extra',
      'nextn.shared_head_head': 'mlm_head',
    },
  },
  {
    title: 'GGUF audio towers',
    names: {
      ...same('norm', ['layer_pre_norm', 'attn_pre_norm', 'norm_conv', 'conv_norm', 'ffn_norm_1', 'ffn_post_norm_1']),
      ...same('conv', ['conv_dw', 'conv_pw1', 'conv_pw2']),
      ...same('rel_pos', ['linear_pos', 'pos_bias_u', 'pos_bias_v']),
      ...same('layer_extra', ['per_dim_scale', 'per_dim_k_scale', 'ffn_scale', 'ffn_scale_1']),
      ...same('layer_extra', ['ffn_up_1', 'ffn_gate_1', 'ffn_down_1', 'out_scale']),
    },
  },
];

function same(role: RoleCode, names: readonly string[]): Record<string, RoleCode> {
  return Object.fromEntries(names.map((name) => [name, role]));
}
