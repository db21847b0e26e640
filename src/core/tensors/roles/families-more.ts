/** Names inside a layer that only one or two families use. */
import type { Family } from './family.ts';
import type { RoleCode } from './role.ts';

export const MORE_FAMILIES: readonly Family[] = [
  {
    title: 'Bailing, Apertus, Hunyuan, BitNet',
    names: {
      'attention.query_layernorm': 'qn',
      'attention.key_layernorm': 'kn',
      'self_attn.inner_attn_ln': 'norm',
      'self_attn.attn_sub_norm': 'norm',
      'mlp.ffn_layernorm': 'norm',
      'mlp.ffn_sub_norm': 'norm',
      'self_attn.attention_sink': 'sink',
      'self_attn.output_gate': 'attn_gate',
    },
  },
  {
    title: 'Bailing',
    when: { architecture: ['bailing*', 'ling*', 'ring*'] },
    names: { 'attention.query_key_value': { role: 'qkv', layout: 'concat' } },
  },
  {
    title: 'Grok',
    names: {
      'multi_head_attention.query': 'q',
      'multi_head_attention.key': 'k',
      'multi_head_attention.value': 'v',
      'multi_head_attention.linear': 'o',
      rms_norm: 'g_attn',
      rms_norm_1: 'g_attn_post',
      rms_norm_2: 'g_ffn',
      rms_norm_3: 'g_ffn_post',
      router: 'router',
      'moe.*.linear': 'gate',
      'moe.*.linear_v': 'up',
      'moe.*.linear_1': 'down',
      pre_attn_norm: 'g_attn',
      post_attn_norm: 'g_attn_post',
      pre_moe_norm: 'g_ffn',
      pre_moe_layernorm: 'g_ffn',
      post_moe_norm: 'g_ffn_post',
    },
  },
  {
    title: 'PLaMo-2, PLaMo-3',
    names: {
      'mixer.qkv_proj': { role: 'qkv', layout: 'concat' },
      'mixer.q_norm': 'qn',
      'mixer.k_norm': 'kn',
      'mixer.bcdt_proj': 'ssm_x',
      'mixer.dt_norm': 'ssm_norm',
      'mixer.B_norm': 'ssm_norm',
      'mixer.C_norm': 'ssm_norm',
      pre_mixer_norm: 'g_attn',
      post_mixer_norm: 'g_attn_post',
      pre_mlp_norm: 'g_ffn',
      post_mlp_norm: 'g_ffn_post',
    },
  },
  {
    title: 'Jina-BERT',
    names: {
      layer_norm_1: 'p_attn',
      layer_norm_2: 'p_ffn',
      'attention.self.layer_norm_q': 'qn',
      'attention.self.layer_norm_k': 'kn',
      'mlp.gated_layers': { role: 'gate_up', layout: 'concat' },
      'mlp.up_gated_layer': { role: 'gate_up', layout: 'swapped' },
      'mlp.gated_layers_v': 'up',
      'mlp.gated_layers_w': 'gate',
      'mlp.down_layer': 'down',
      'mlp.wo': 'down',
      'mlp.layernorm': 'p_ffn',
    },
  },
  {
    title: 'Refact, Jais',
    names: { 'mlp.linear_1': 'gate', 'mlp.linear_3': 'up', 'mlp.c_fc2': 'gate', 'attn.k': 'k', 'attn.q': 'q' },
  },
  {
    title: 'CogVLM',
    names: {
      'self_attn.language_expert_query_key_value': { role: 'qkv', layout: 'concat' },
      'self_attn.language_expert_dense': 'o',
      'mlp.language_mlp.gate_proj': 'gate',
      'mlp.language_mlp.up_proj': 'up',
      'mlp.language_mlp.down_proj': 'down',
      ...same('layer_extra', ['self_attn.vision_expert_query_key_value', 'self_attn.vision_expert_dense']),
      ...same('layer_extra', ['mlp.vision_mlp.gate_proj', 'mlp.vision_mlp.up_proj', 'mlp.vision_mlp.down_proj']),
    },
  },
  {
    title: 'Experts of SmallThinker, Kimi, nomic-MoE, Mistral-Large, Ernie, Llama-4',
    names: {
      'block_sparse_moe.experts.*.gate': 'gate',
      'block_sparse_moe.experts.*.up': 'up',
      'block_sparse_moe.experts.*.down': 'down',
      'block_sparse_moe.experts.*.gate_proj': 'gate',
      'block_sparse_moe.experts.*.up_proj': 'up',
      'block_sparse_moe.experts.*.down_proj': 'down',
      'experts.*.w1': 'gate',
      'experts.*.w3': 'up',
      'experts.*.w2': 'down',
      'experts.*.gate_proj': 'gate',
      'experts.*.up_proj': 'up',
      'experts.*.down_proj': 'down',
      'mlp.experts.mlp.w1': { role: 'up', expert: 'all' },
      'mlp.experts.mlp.w2': { role: 'down', expert: 'all' },
      gate: 'router',
      ...same('router', ['mlp.router.layer', 'mlp.router.gate', 'block_sparse_moe.primary_router', 'moe.router']),
      ...same('router', ['mlp.gate.expert', 'mlp.expert', 'feed_forward.expert', 'mlp.moe_statics.e_score_correction']),
      ...same('router', ['mlp.e_score_correction', 'block_sparse_moe.gate.e_score_correction']),
      pre_feedforward_layernorm_2: 'norm',
      post_feedforward_layernorm_1: 'norm',
      post_feedforward_layernorm_2: 'norm',
      'mixer.fc1_latent_proj': 'layer_extra',
      'mixer.fc2_latent_proj': 'layer_extra',
      'ffn.act': 'layer_extra',
      ...same('layer_extra', [
        'mlp.chunk_experts.gate_proj',
        'mlp.chunk_experts.up_proj',
        'mlp.chunk_experts.down_proj',
      ]),
    },
  },
  {
    title: 'Kimi-Linear, state-space layers of others',
    names: {
      ...same('ssm_conv', ['self_attn.q_conv1d', 'self_attn.k_conv1d', 'self_attn.v_conv1d']),
      ...same('ssm_dt', ['self_attn.f_a_proj', 'self_attn.f_b_proj', 'self_attn.b_proj', 'self_attn.dt']),
      ...same('ssm_gate', ['self_attn.g_a_proj', 'self_attn.g_b_proj']),
      'self_attn.o_norm': 'ssm_norm',
      'self_attn.A_log': 'ssm_a',
      ...same('ssm_norm', ['mamba.B_layernorm', 'mamba.C_layernorm']),
    },
  },
  {
    title: 'NeoBERT',
    when: { has: ['ffn.w12'] },
    names: { 'ffn.w3': 'down' },
  },
  {
    title: 'Latent attention in Mistral names',
    names: {
      'attention.wq_a': 'q_a',
      'attention.wq_b': 'q_b',
      'attention.wkv_a_with_mqa': 'kv_a',
      'attention.wkv_b': 'kv_b',
      'attention.q_a_norm': 'g_q_a',
      'attention.kv_a_norm': 'g_kv_a',
      'attn.wq_a': 'q_a',
      'attn.wq_b': 'q_b',
      'attn.wkv_a': 'kv_a',
      'attn.wkv_b': 'kv_b',
      'attn.q_norm': 'qn',
      'attn.kv_norm': 'g_kv_a',
    },
  },
  {
    title: 'DeepSeek release',
    when: { has: ['attn.wq_a'] },
    names: { 'attn.q_norm': 'g_q_a' },
  },
  {
    title: 'MoonViT (Kimi-VL)',
    when: { has: ['wqkv', 'norm0'] },
    names: {
      wqkv: { role: 'qkv', layout: 'concat' },
      wq: 'q',
      wk: 'k',
      wv: 'v',
      norm0: 'g_attn',
      norm1: 'g_ffn',
      'mlp.fc0': 'up',
      'mlp.fc1': 'down',
    },
  },
  {
    title: 'InternViT, OpenCLIP (names of scales)',
    names: { ls1: 'layer_scale', ls2: 'layer_scale', ls_1: 'layer_scale', ls_2: 'layer_scale' },
  },
  {
    title: 'onnxruntime-genai (counts the last norm as a layer)',
    names: {
      final_norm_layernorm: 'g_final',
      'final_norm.layernorm': 'g_final',
      'attn.q_norm.layernorm': 'qn',
      'attn.k_norm.layernorm': 'kn',
    },
  },
  {
    title: 'Mochi, LTX (two streams)',
    names: {
      'attn1.add_q_proj': 'xq',
      'attn1.add_k_proj': 'xk',
      'attn1.add_v_proj': 'xv',
      'attn1.to_add_out': 'xo',
      'attn1.norm_added_q': 'norm',
      'attn1.norm_added_k': 'norm',
      'norm1_context.linear_1': 'modulation',
      'norm1.linear_1': 'modulation',
    },
  },
  {
    title: 'Q-Former',
    names: {
      'attention.attention.query': 'q',
      'crossattention.attention.query': 'xq',
      'crossattention.attention.key': 'xk',
      'crossattention.attention.value': 'xv',
      'intermediate_query.dense': 'up',
      'output_query.dense': 'down',
      'output_query.LayerNorm': 'p_ffn',
    },
  },
  {
    title: 'Conformers of Gemma-3n, Parakeet, Granite-Speech, LFM2-Audio',
    names: {
      ...same('q', ['attention.attn.q_proj']),
      ...same('k', ['attention.attn.k_proj']),
      ...same('v', ['attention.attn.v_proj']),
      ...same('o', ['attention.post', 'self_attn.post', 'attn.to_out']),
      ...same('kv', ['attn.to_kv']),
      ...same('rel_pos', ['self_attn.relative_k_proj', 'attn.rel_pos_emb']),
      ...same('rel_pos', ['attention.attn.relative_position_embedding.pos_proj']),
      ...same('layer_extra', [
        'attention.attn.per_dim_scale',
        'attention.attn.per_dim_key_scale',
        'self_attn.per_dim_scale',
      ]),
      ...same('g_attn', ['norm_self_att', 'attention.pre_attn_norm', 'attn.pre_norm', 'norm_pre_attn']),
      ...same('norm', ['norm_out', 'attention.post_norm', 'post_norm', 'norm_post_attn', 'norm_feed_forward1']),
      ...same('norm', ['norm_feed_forward2', 'norm_conv', 'conv.norm', 'conv.batch_norm', 'lconv1d.pre_layer_norm']),
      ...same('norm', ['lconv1d.conv_norm', 'ff1.pre_norm', 'ff2.pre_norm']),
      ...halves('ffw_layer_start'),
      ...halves('ffw_layer_end'),
      ...halves('feed_forward1'),
      ...halves('feed_forward2'),
      ...same('layer_extra', ['ff1.up_proj', 'ff1.down_proj', 'ff2.up_proj', 'ff2.down_proj']),
      ...same('conv', [
        'lconv1d.depthwise_conv1d',
        'lconv1d.linear_start',
        'lconv1d.linear_end',
        'conv.depth_conv.conv',
      ]),
      ...same('conv', [
        'conv.pointwise_conv1',
        'conv.pointwise_conv2',
        'conv.depthwise_conv',
        'conv.up_conv',
        'conv.down_conv',
      ]),
    },
  },
  {
    title: 'GGUF of DeepSeek-OCR vision',
    names: {
      pre_ln: 'g_attn',
      post_ln: 'g_ffn',
      'attn.pos_h': 'rel_pos',
      'attn.pos_w': 'rel_pos',
    },
  },
];

/** A half-step feed-forward of a conformer. */
function halves(part: string): Record<string, RoleCode> {
  const linear = ['linear1', 'linear2', 'ffw_layer_1', 'ffw_layer_2', 'post_layer_scale'];
  const norms = ['pre_layer_norm', 'post_layer_norm'];
  return {
    ...same(
      'layer_extra',
      linear.map((name) => `${part}.${name}`),
    ),
    ...same(
      'norm',
      norms.map((name) => `${part}.${name}`),
    ),
  };
}

function same(role: RoleCode, names: readonly string[]): Record<string, RoleCode> {
  return Object.fromEntries(names.map((name) => [name, role]));
}
