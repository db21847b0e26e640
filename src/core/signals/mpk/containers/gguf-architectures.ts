/**
 * What each architecture of llama.cpp is called in transformers, and what its converter does to the weights
 * (llama.cpp `convert_hf_to_gguf.py`, gguf-py `tensor_mapping.py`, transformers `modeling_gguf_pytorch_utils.py`).
 */

/** Names of a layer's parts, or of the whole model: GGUF's, without `blk.N.` and ending → Hugging Face's. */
export type Parts = Readonly<Record<string, string>>;

export interface Architecture {
  readonly modelType: string;
  /** The class most of its repositories state. */
  readonly className: string;
  /** With experts it is another architecture of transformers. */
  readonly experts?: { readonly modelType: string; readonly className: string; readonly parts: Parts };
  /** Hugging Face's path of a layer, before its number and part. */
  readonly layers: string;
  readonly top: Parts;
  readonly parts: Parts;
  /** Rows of queries and keys are rearranged for rotary positions. */
  readonly rotary?: boolean;
  /** Rows of the fused queries, keys and values are grouped anew. */
  readonly grouped?: boolean;
  /** Parts whose matrices are stored turned. */
  readonly transposed?: readonly string[];
  /** Norms hold one more than in Hugging Face's files. */
  readonly normPlusOne?: boolean;
  /** Fields of the configuration that the class does not have under MPK's names. */
  readonly lacks?: readonly string[];
  /** The field for the inner width, when it is not `intermediate_size`. */
  readonly inner?: string;
}

const MODEL: Parts = { token_embd: 'model.embed_tokens', output_norm: 'model.norm', output: 'lm_head' };
const ATTENTION: Parts = {
  attn_q: 'self_attn.q_proj',
  attn_k: 'self_attn.k_proj',
  attn_v: 'self_attn.v_proj',
  attn_output: 'self_attn.o_proj',
  attn_q_norm: 'self_attn.q_norm',
  attn_k_norm: 'self_attn.k_norm',
};
const NORMS: Parts = { attn_norm: 'input_layernorm', ffn_norm: 'post_attention_layernorm' };
const GATED: Parts = { ffn_gate: 'mlp.gate_proj', ffn_up: 'mlp.up_proj', ffn_down: 'mlp.down_proj' };
const LLAMA: Parts = { ...NORMS, ...ATTENTION, ...GATED };
const { attn_q_norm: _q, attn_k_norm: _k, ...WITHOUT_HEAD_NORMS } = LLAMA;
/** `*` is the number of the expert; GGUF holds all of them in one tensor. */
const EXPERTS: Parts = {
  ffn_gate_inp: 'mlp.gate',
  ffn_gate_exps: 'mlp.experts.*.gate_proj',
  ffn_up_exps: 'mlp.experts.*.up_proj',
  ffn_down_exps: 'mlp.experts.*.down_proj',
  ffn_gate_inp_shexp: 'mlp.shared_expert_gate',
  ffn_gate_shexp: 'mlp.shared_expert.gate_proj',
  ffn_up_shexp: 'mlp.shared_expert.up_proj',
  ffn_down_shexp: 'mlp.shared_expert.down_proj',
};
const MIXTRAL: Parts = {
  ffn_gate_inp: 'block_sparse_moe.gate',
  ffn_gate_exps: 'block_sparse_moe.experts.*.w1',
  ffn_down_exps: 'block_sparse_moe.experts.*.w2',
  ffn_up_exps: 'block_sparse_moe.experts.*.w3',
};
const FOUR_NORMS: Parts = {
  ...LLAMA,
  ffn_norm: 'pre_feedforward_layernorm',
  post_attention_norm: 'post_attention_layernorm',
  post_ffw_norm: 'post_feedforward_layernorm',
};
const ONE_NORM: Parts = { ...ATTENTION, ...GATED, attn_norm: 'input_layernorm' };
const FUSED: Parts = {
  attn_norm: 'input_layernorm',
  ffn_norm: 'post_attention_layernorm',
  attn_qkv: 'self_attention.query_key_value',
  attn_output: 'self_attention.dense',
  ffn_up: 'mlp.dense_h_to_4h',
  ffn_down: 'mlp.dense_4h_to_h',
};
const WORDS: Parts = {
  token_embd: 'transformer.word_embeddings',
  token_embd_norm: 'transformer.word_embeddings_layernorm',
  output_norm: 'transformer.ln_f',
  output: 'lm_head',
};
const T5_ATTENTION = (gguf: string, layer: number, module: string): Parts => ({
  [`${gguf}_norm`]: `layer.${layer}.layer_norm`,
  [`${gguf}_q`]: `layer.${layer}.${module}.q`,
  [`${gguf}_k`]: `layer.${layer}.${module}.k`,
  [`${gguf}_v`]: `layer.${layer}.${module}.v`,
  [`${gguf}_o`]: `layer.${layer}.${module}.o`,
  [`${gguf}_rel_b`]: `layer.${layer}.${module}.relative_attention_bias`,
});

const llamaLike = (modelType: string, className: string, more: Partial<Architecture> = {}): Architecture => ({
  modelType,
  className,
  layers: 'model.layers.',
  top: MODEL,
  parts: LLAMA,
  ...more,
});

export const ARCHITECTURES: Readonly<Record<string, Architecture>> = {
  // Conversions of Mistral and others bear the same architecture: nothing in the file tells them apart.
  llama: llamaLike('llama', 'LlamaForCausalLM', {
    rotary: true,
    experts: { modelType: 'mixtral', className: 'MixtralForCausalLM', parts: MIXTRAL },
  }),
  qwen2: llamaLike('qwen2', 'Qwen2ForCausalLM'),
  qwen2moe: llamaLike('qwen2_moe', 'Qwen2MoeForCausalLM', { parts: { ...LLAMA, ...EXPERTS } }),
  qwen3: llamaLike('qwen3', 'Qwen3ForCausalLM'),
  qwen3moe: llamaLike('qwen3_moe', 'Qwen3MoeForCausalLM', { parts: { ...LLAMA, ...EXPERTS } }),
  gemma: llamaLike('gemma', 'GemmaForCausalLM', { normPlusOne: true }),
  gemma2: llamaLike('gemma2', 'Gemma2ForCausalLM', { normPlusOne: true, parts: FOUR_NORMS }),
  gemma3: llamaLike('gemma3_text', 'Gemma3ForCausalLM', { normPlusOne: true, parts: FOUR_NORMS }),
  phi3: llamaLike('phi3', 'Phi3ForCausalLM', {
    parts: { ...LLAMA, attn_qkv: 'self_attn.qkv_proj', ffn_up: 'mlp.gate_up_proj' },
  }),
  phi2: llamaLike('phi', 'PhiForCausalLM', {
    top: { ...MODEL, output_norm: 'model.final_layernorm' },
    parts: { ...ONE_NORM, attn_output: 'self_attn.dense', ffn_up: 'mlp.fc1', ffn_down: 'mlp.fc2' },
  }),
  // Its norms of single heads, one tensor in GGUF, are many in Hugging Face's files.
  stablelm: llamaLike('stablelm', 'StableLmForCausalLM', { parts: WITHOUT_HEAD_NORMS }),
  starcoder2: llamaLike('starcoder2', 'Starcoder2ForCausalLM', {
    parts: { ...LLAMA, ffn_up: 'mlp.c_fc', ffn_down: 'mlp.c_proj' },
  }),
  'command-r': llamaLike('cohere', 'CohereForCausalLM', { parts: ONE_NORM }),
  cohere2: llamaLike('cohere2', 'Cohere2ForCausalLM', { parts: ONE_NORM }),
  olmo: llamaLike('olmo', 'OlmoForCausalLM', { rotary: true }),
  olmo2: llamaLike('olmo2', 'Olmo2ForCausalLM', {
    parts: {
      ...ATTENTION,
      ...GATED,
      post_attention_norm: 'post_attention_layernorm',
      post_ffw_norm: 'post_feedforward_layernorm',
    },
  }),
  olmoe: llamaLike('olmoe', 'OlmoeForCausalLM', { parts: { ...LLAMA, ...EXPERTS } }),
  granite: llamaLike('granite', 'GraniteForCausalLM', { rotary: true }),
  smollm3: llamaLike('smollm3', 'SmolLM3ForCausalLM', { rotary: true }),
  nemotron: llamaLike('nemotron', 'NemotronForCausalLM', { normPlusOne: true }),
  gpt2: {
    modelType: 'gpt2',
    className: 'GPT2LMHeadModel',
    layers: 'transformer.h.',
    top: {
      token_embd: 'transformer.wte',
      position_embd: 'transformer.wpe',
      output_norm: 'transformer.ln_f',
      output: 'lm_head',
    },
    parts: {
      attn_norm: 'ln_1',
      ffn_norm: 'ln_2',
      attn_qkv: 'attn.c_attn',
      attn_output: 'attn.c_proj',
      ffn_up: 'mlp.c_fc',
      ffn_down: 'mlp.c_proj',
    },
    transposed: ['attn_qkv', 'attn_output', 'ffn_up', 'ffn_down'],
    lacks: ['num_key_value_heads', 'intermediate_size', 'head_dim', 'rope_theta'],
  },
  gptneox: {
    modelType: 'gpt_neox',
    className: 'GPTNeoXForCausalLM',
    layers: 'gpt_neox.layers.',
    top: { token_embd: 'gpt_neox.embed_in', output_norm: 'gpt_neox.final_layer_norm', output: 'embed_out' },
    parts: { ...FUSED, attn_qkv: 'attention.query_key_value', attn_output: 'attention.dense' },
    grouped: true,
    lacks: ['num_key_value_heads', 'head_dim', 'rope_theta'],
  },
  bloom: {
    modelType: 'bloom',
    className: 'BloomForCausalLM',
    layers: 'transformer.h.',
    top: WORDS,
    parts: FUSED,
    grouped: true,
    lacks: ['num_key_value_heads', 'intermediate_size', 'max_position_embeddings', 'head_dim', 'rope_theta'],
  },
  falcon: {
    modelType: 'falcon',
    className: 'FalconForCausalLM',
    layers: 'transformer.h.',
    top: WORDS,
    parts: { ...FUSED, attn_norm_2: 'ln_attn' },
    grouped: true,
    lacks: ['num_key_value_heads', 'intermediate_size', 'head_dim'],
  },
  bert: {
    modelType: 'bert',
    className: 'BertModel',
    layers: 'encoder.layer.',
    top: {
      token_embd: 'embeddings.word_embeddings',
      position_embd: 'embeddings.position_embeddings',
      token_types: 'embeddings.token_type_embeddings',
      token_embd_norm: 'embeddings.LayerNorm',
    },
    parts: {
      attn_q: 'attention.self.query',
      attn_k: 'attention.self.key',
      attn_v: 'attention.self.value',
      attn_output: 'attention.output.dense',
      attn_output_norm: 'attention.output.LayerNorm',
      ffn_up: 'intermediate.dense',
      ffn_down: 'output.dense',
      layer_output_norm: 'output.LayerNorm',
    },
    lacks: ['num_key_value_heads', 'head_dim', 'rope_theta'],
  },
  t5: {
    modelType: 't5',
    className: 'T5ForConditionalGeneration',
    layers: 'encoder.block.',
    top: {
      token_embd: 'shared',
      'enc.output_norm': 'encoder.final_layer_norm',
      'dec.output_norm': 'decoder.final_layer_norm',
      output: 'lm_head',
    },
    // The number of the last sublayer is that of the feed-forward part: 1 in the encoder, 2 in the decoder.
    parts: {
      ...T5_ATTENTION('attn', 0, 'SelfAttention'),
      ...T5_ATTENTION('cross_attn', 1, 'EncDecAttention'),
      ffn_norm: 'layer.#.layer_norm',
      ffn_gate: 'layer.#.DenseReluDense.wi_0',
      ffn_up: 'layer.#.DenseReluDense.wi_1',
      ffn_down: 'layer.#.DenseReluDense.wo',
    },
    lacks: ['num_key_value_heads', 'max_position_embeddings', 'head_dim', 'rope_theta'],
    inner: 'd_ff',
  },
};
