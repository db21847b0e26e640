/**
 * Names outside the layers: the last words of a name → role. A row matches a name that equals it or ends in `.` and it;
 * the longest row wins.
 */
import type { RoleCode } from './role.ts';

type Row = readonly [role: RoleCode, names: readonly string[]];

const ROWS: readonly Row[] = [
  ['conv', ['neck.*', 'net_2', 'net_3']],
  ['dense', ['proj_out', 'proj_in']],
  ['g_final', ['decoder.ln']],
  ['norm', ['pre_ln']],
  ['token_extra', ['audio_bos_eos_token', 'mask_tokens', 'iou_token', 'no_mask_embed', 'not_a_point_embed']],
  ['pos', ['pos_frequencies']],
  ['grid_pos', ['pe_layer.positional_encoding_gaussian_matrix', 'patch_embed.pos_emb']],
  ['rel_pos', ['rel_embeddings']],
  ['mlm_head', ['decoder']],
  ['logits_bias', ['cls.predictions.output']],
  ['embed', ['shared', 'embed_tokens', 'tok_embeddings', 'wte', 'word_embeddings', 'token_embd', 'embed_in']],
  [
    'embed',
    ['backbone.embeddings', 'backbone.embedding', 'model.embeddings', 'rwkv.embeddings', 'emb', 'word_embedding'],
  ],
  ['embed', ['embeddings.tok_embeddings', 'token_embedding', 'transformer.token_embeddings', 'tok_embed']],
  ['head', ['lm_head', 'output', 'embed_out', 'output_layer', 'lm_head.linear', 'word_embeddings_for_head', 'lm_loss']],
  ['head', ['proj_out_tokens', 'model.transformer.ff_out']],
  ['g_final', ['norm', 'ln_f', 'final_layer_norm', 'output_norm', 'norm_f', 'final_layernorm', 'ln_out']],
  [
    'g_final',
    ['transformer.rms_norm', 'encoder.layer_norm', 'decoder.layer_norm', 'final_norm', 'lm_head.ln', 'embedding_norm'],
  ],
  [
    'pos',
    ['wpe', 'embed_positions', 'embeddings.position_embeddings', 'position_embd', 'decoder.positional_embedding'],
  ],
  ['p_emb', ['embeddings.LayerNorm', 'layernorm_embedding', 'word_embeddings_layernorm', 'token_embd_norm', 'emb_ln']],
  ['p_emb', ['embeddings.norm', 'embeddings.layer_norm', 'model.pre_ln']],
  ['emb_map', ['embedding_hidden_mapping_in', 'embeddings_project']],
  ['type_embed', ['token_type_embeddings', 'token_types']],
  ['token_extra', ['per_layer_token_embd', 'embed_tokens_per_layer']],
  ['layer_extra', ['per_layer_model_proj', 'per_layer_model_projection', 'altup_proj', 'altup_unembd_proj']],
  [
    'layer_extra',
    ['altup_projections.*', 'altup_unembed_projections.*', 'altup_projections', 'altup_unembed_projections'],
  ],
  ['norm', ['per_layer_proj_norm', 'per_layer_projection_norm']],
  [
    'buffer',
    ['rotary_emb.inv_freq', 'inv_freq', 'rope_freqs', 'rope.freqs', 'rope_factors_long', 'rope_factors_short'],
  ],
  ['buffer', ['position_ids', 'token_type_ids', 'relative_position_index', 'num_batches_tracked', 'attn_mask']],
  [
    'buffer',
    ['embed_positions.weights', 'mel_filters', 'stft.window', 'istft.window', 'window', 'rotary_pos_emb.inv_freq'],
  ],
  ['buffer', ['cls.predictions.position_ids', 'pos_embed_1d', 'timesteps', 'betas', 'alphas_cumprod', 'mel_scale.fb']],
  ['buffer', ['spectrogram.window', 'stft_conv.forward_basis_buffer', 'forward_basis_buffer', 'inverse_basis_buffer']],
  ['norm_mean', ['running_mean', 'moving_mean']],
  ['norm_var', ['running_var', 'moving_variance']],

  [
    'pooler',
    ['pooler.dense', 'pooler', 'sequence_summary.summary', 'pooler.out_proj', 'visual.proj', 'text_projection'],
  ],
  ['pooler', ['dense_2_out', 'dense_3_out', 'visual_projection', 'logit_scale', 'logit_bias', 'cls']],
  ['mlm', ['cls.predictions.transform.dense', 'cls.predictions.transform.LayerNorm', 'predictions.dense']],
  ['mlm', ['predictions.LayerNorm', 'lm_head.dense', 'lm_head.layer_norm', 'vocab_transform', 'vocab_layer_norm']],
  [
    'mlm',
    ['mlm_head.dense', 'head.dense', 'head.norm', 'generator_predictions.dense', 'generator_predictions.LayerNorm'],
  ],
  ['mlm', ['discriminator_predictions.dense', 'lm_predictions.lm_head.dense', 'lm_predictions.lm_head.LayerNorm']],
  [
    'mlm_head',
    ['cls.predictions.decoder', 'predictions.decoder', 'vocab_projector', 'generator_lm_head', 'lm_head.decoder'],
  ],
  ['mlm_head', ['pred_layer.proj', 'proj_out.tokens', 'head.decoder']],
  ['logits_bias', ['final_logits_bias', 'cls.predictions', 'predictions', 'lm_head.bias_only']],
  [
    'classifier',
    ['classifier', 'classifier.dense', 'classifier.out_proj', 'score', 'qa_outputs', 'cls.seq_relationship'],
  ],
  [
    'classifier',
    ['discriminator_predictions.dense_prediction', 'pre_classifier', 'cls.output', 'v_head.summary', 'reward_head'],
  ],
  [
    'classifier',
    ['head', 'value_head', 'regression_head', 'classification_head.dense', 'classification_head.out_proj'],
  ],
  ['classifier', ['sop_classifier.classifier', 'head.classifier', 'logits_proj']],

  [
    'patch',
    ['patch_embedding', 'patch_embed.proj', 'patch_embeddings.projection', 'patch_embed.projection', 'patch_embd'],
  ],
  [
    'patch',
    [
      'patch_embedding.linear',
      'patch_embedding.proj',
      'patch_embedder.input_proj',
      'vision_model.conv1',
      'visual.conv1',
      'v.patch_embd',
      'v.patch_embd.1',
      'pos_embed.proj',
      'x_embedder.proj',
      'patch_conv',
    ],
  ],
  [
    'grid_pos',
    ['embeddings.position_embedding', 'position_embedding', 'pos_embed', 'v.position_embd', 'positional_embedding'],
  ],
  ['grid_pos', ['a.position_embd', 'abs_pos_emb', 'pos_embd_k', 'resampler.pos_embd_k', 'embed_positions_2d']],
  [
    'token_extra',
    [
      'class_embedding',
      'cls_token',
      'dist_token',
      'mask_token',
      'register_tokens',
      'reg_token',
      'image_newline',
      'pad_embed',
    ],
  ],
  [
    'token_extra',
    ['v.class_embd', 'view_seperator', 'v.boi', 'v.eoi', 'mm.image_begin', 'mm.image_end', 'masked_spec_embed'],
  ],
  ['token_extra', ['embeddings.mask_token', 'embeddings.cls_token', 'query_tokens', 'v.token_embd.img_break']],
  [
    'norm',
    ['pre_layrnorm', 'post_layernorm', 'pre_layernorm', 'ln_pre', 'ln_post', 'v.pre_ln', 'v.post_ln', 'a.pre_ln'],
  ],
  [
    'norm',
    ['a.post_ln', 'vit.layernorm', 'dinov2.layernorm', 'layernorm', 'fc_norm', 'norm_pre', 'norm_embd', 'ln_final'],
  ],
  [
    'norm',
    [
      'layernorm_pre',
      'layernorm_post',
      'post_conv_layernorm',
      'a.position_embd_norm',
      'group_norm',
      'conv_norm_out',
      'norm_out',
      'visual.ln_q',
      'patch_norm',
      'patch_embed.norm',
      'LayerNorm',
    ],
  ],

  ['modulation', ['adaln_single.linear', 'final_layer.adaLN_modulation.1', 'norm_out.linear', 'scale_shift_table']],
  [
    'time_embed',
    ['time_embedding.linear_1', 'time_embedding.linear_2', 'time_embed.0', 'time_embed.2', 't_embedder.mlp.0'],
  ],
  ['time_embed', ['t_embedder.mlp.2', 'timestep_embedder.linear_1', 'timestep_embedder.linear_2', 'time_in.in_layer']],
  ['time_embed', ['time_in.out_layer', 'guidance_in.in_layer', 'guidance_in.out_layer', 'guidance_embedder.linear_1']],
  ['time_embed', ['guidance_embedder.linear_2']],
  [
    'cond_embed',
    ['add_embedding.linear_1', 'add_embedding.linear_2', 'label_emb.0.0', 'label_emb.0.2', 'vector_in.in_layer'],
  ],
  [
    'cond_embed',
    ['vector_in.out_layer', 'text_embedder.linear_1', 'text_embedder.linear_2', 'y_embedder.embedding_table'],
  ],
  ['cond_embed', ['context_embedder', 'x_embedder', 'txt_in', 'img_in', 'caption_projection.linear_1']],
  ['cond_embed', ['caption_projection.linear_2', 'y_embedder.mlp.0', 'y_embedder.mlp.2', 'class_embedding.linear_1']],
  [
    'conv',
    [
      'conv_in',
      'conv_out',
      'quant_conv',
      'post_quant_conv',
      'final_layer.linear',
      'upsamplers.*.conv',
      'downsamplers.*.conv',
    ],
  ],
  ['conv', ['downsamplers.*', 'conv_stem', 'v.conv_stem.conv', 'a.conv_out', 'a.conv1d.*', 'a.conv2d.*', 'conv1d']],
  ['resample', ['upsample.conv', 'downsample.conv', 'Downsample.conv', 'op']],
  ['soft_prompt', ['prompt_embeddings', 'prompt_encoder.embedding', 'prompt_encoder.default.embedding']],
  ['soft_prompt', ['prefix_encoder.embedding']],
];

/** Last words of a name → role. */
export const OUTSIDE: ReadonlyMap<string, RoleCode> = new Map(
  ROWS.flatMap(([role, names]) => names.map((name): [string, RoleCode] => [name, role])),
);

/** Words that rows end in. */
export const OUTSIDE_LAST: ReadonlySet<string> = new Set(
  [...OUTSIDE.keys()].map((name) => name.slice(name.lastIndexOf('.') + 1)),
);

/** Words of the longest row. */
export const OUTSIDE_WORDS = Math.max(...[...OUTSIDE.keys()].map((name) => name.split('.').length));

/** Words in a prefix that make it a bridge between two towers. */
export const PROJECTOR_WORDS: readonly string[] = [
  'multi_modal_projector',
  'mm_projector',
  'mm',
  'merger',
  'deepstack_merger_list',
  'connector',
  'modality_projection',
  'aligner',
  'resampler',
  'perceiver',
  'perceiver_resampler',
  'vision_embed_tokens',
  'img_projection',
  'audio_projection',
  'vision_projection',
  'embed_vision',
  'embed_audio',
  'audio_projector',
  'vision_projector',
  'image_projection',
  'language_projection',
  'mlp1',
  'qformer',
  'projector',
  'multimodal_projector',
  'adapter_ln',
  'image_projector',
  'image_pooling_2d',
  'linear_proj',
  'mlp_AR',
  'vision_adapter',
  'audio_adapter',
  'pre_mm_projector_norm',
];

export const DRAFT_WORDS: readonly string[] = [
  'mtp',
  'mtp_layers',
  'nextn',
  'eagle',
  'medusa_head',
  'medusa_heads',
  'midlayer',
  'draft',
];
