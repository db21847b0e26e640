/** A comparison with everything in it, for looking at the screen without making one. No real models. */
import type { ComparedTensor, ModelComparison, TensorRelation } from '../src/core/report/comparison.ts';

const COMMIT_A = '4f2c'.repeat(10);
const LAYERS = 16;
const WIDTH = 2048;

interface Part {
  readonly role: string;
  readonly suffix: string;
  readonly shape: readonly number[];
}
const PARTS: readonly Part[] = [
  { role: 'norm.input', suffix: 'input_layernorm', shape: [WIDTH] },
  { role: 'attention.q', suffix: 'self_attn.q_proj', shape: [WIDTH, WIDTH] },
  { role: 'attention.k', suffix: 'self_attn.k_proj', shape: [512, WIDTH] },
  { role: 'attention.v', suffix: 'self_attn.v_proj', shape: [512, WIDTH] },
  { role: 'attention.o', suffix: 'self_attn.o_proj', shape: [WIDTH, WIDTH] },
  { role: 'norm.mlp', suffix: 'post_attention_layernorm', shape: [WIDTH] },
  { role: 'mlp.gate', suffix: 'mlp.gate_proj', shape: [8192, WIDTH] },
  { role: 'mlp.up', suffix: 'mlp.up_proj', shape: [8192, WIDTH] },
  { role: 'mlp.down', suffix: 'mlp.down_proj', shape: [WIDTH, 8192] },
];

interface Made {
  readonly name: string;
  readonly shape: readonly number[];
  readonly role: string | null;
  readonly layer: number | null;
  readonly relation: TensorRelation;
  readonly component?: string;
  readonly expert?: ComparedTensor['expert'];
  readonly cosine?: number;
}

function tensor({
  name,
  shape,
  role,
  layer,
  relation,
  component = 'text',
  expert = null,
  cosine,
}: Made): ComparedTensor {
  const values = shape.reduce((product, n) => product * n, 1);
  const side = (dtype: string) => ({ name, path: 'model.safetensors', dtype, shape });
  return {
    a: relation === 'only-b' ? null : side('BF16'),
    b:
      relation === 'only-a'
        ? null
        : { ...side('BF16'), ...(relation === 'other-shape' ? { shape: [32064, WIDTH] } : {}) },
    role,
    component,
    layer,
    expert,
    parameter: 'weight',
    relation,
    ...(relation === 'not-compared' ? { reason: { code: 'SOURCE_ABORTED', detail: {} } } : {}),
    ...(relation === 'differs' && cosine !== undefined
      ? { cosine, distance: Math.sqrt(2 * (1 - cosine)), largest: 0.0137, changed: Math.floor(values * 0.9931), values }
      : {}),
  };
}

/** How far a part of a layer moved: attention hardly, the MLP of layers 9 to 12 most. */
function moved(layer: number, { role }: Part): number {
  const bump = role.startsWith('mlp.') ? 0.06 * Math.exp(-((layer - 10.5) ** 2) / 4) : 0;
  return 1 - bump - (role.startsWith('attention.') ? 3e-5 * (1 + layer) : 4e-4) * (1 + ((layer * 7) % 5) / 4);
}

function stack(component: string, prefix: string, layers: number): ComparedTensor[] {
  return Array.from({ length: layers }, (_, layer) =>
    PARTS.map((part) => {
      const name = `${prefix}layers.${layer}.${part.suffix}.weight`;
      const same = part.role.startsWith('norm.') || (part.role === 'attention.k' && layer < 4);
      const relation: TensorRelation = same ? (layer % 5 === 4 ? 'same-numbers' : 'identical-bytes') : 'differs';
      const made = { name, shape: part.shape, role: part.role, layer, component };
      return tensor(same ? { ...made, relation } : { ...made, relation, cosine: moved(layer, part) });
    }),
  ).flat();
}

const outside = (prefix: string): ComparedTensor[] => [
  tensor({
    name: `${prefix}embed_tokens.weight`,
    shape: [32000, WIDTH],
    role: 'embedding',
    layer: null,
    relation: 'other-shape',
  }),
  tensor({
    name: `${prefix}norm.weight`,
    shape: [WIDTH],
    role: 'norm.final',
    layer: null,
    relation: 'identical-bytes',
  }),
  tensor({
    name: 'lm_head.weight',
    shape: [32000, WIDTH],
    role: 'lm_head',
    layer: null,
    relation: 'only-a',
  }),
];

export const COMPARISON: ModelComparison = {
  format: 'assay-comparison',
  version: 1,
  tool: { name: 'assay', version: '0.1.0', commit: '325d7aa81c20' },
  created: '2026-11-20T14:03:12.000Z',
  sides: [
    {
      name: 'org/base-1b',
      origin: 'hub',
      repo: 'org/base-1b',
      commit: COMMIT_A,
      formats: ['safetensors'],
      architecture: 'LlamaForCausalLM',
      files: 9,
      bytes: 2_471_645_608,
      tensors: 147,
      parameters: 1_235_814_400,
      missing: [],
    },
    {
      name: 'tuned-1b',
      origin: 'local',
      formats: ['safetensors'],
      architecture: 'LlamaForCausalLM',
      files: 3,
      bytes: 2_471_908_112,
      tensors: 146,
      parameters: 1_235_945_472,
      missing: [{ part: 'tokenizer', reason: { code: 'SOURCE_NOT_FOUND', detail: { path: 'tokenizer.json' } } }],
    },
  ],
  depth: 'tensors',
  stopped: false,
  seconds: 12.4,
  tensors: [...outside('model.'), ...stack('text', 'model.', LAYERS)],
  mpk: {
    mpk: {
      family_a: 'llama',
      family_b: 'llama',
      signals: { eas: null, nlf: 0.9359, lep: 0.9906, end: 0.8653, wvc: 0.9873, tfv: 0.925, voa: 0.998 },
      scores: {
        mfi_score: 1,
        mfi_tier: 1,
        mfi_match: 'exact',
        identity_score: 0.9409,
        tokenizer_score: 0.9798,
        pipeline_score: 1,
        provenance_decision: 'Confirmed Match',
      },
      interpretation: { label: 'High-Confidence Match', colour: '#2ecc71' },
    },
    overlap: null,
    layers: [],
  },
};

/** Hundreds of layers, two towers, experts, and a run that was stopped. */
export const LARGE_COMPARISON: ModelComparison = {
  ...COMPARISON,
  stopped: true,
  tensors: [
    ...outside('language_model.model.'),
    ...stack('text', 'language_model.model.', 126),
    ...Array.from({ length: 126 }, (_, layer) =>
      Array.from({ length: 16 }, (_, expert) =>
        tensor({
          name: `language_model.model.layers.${layer}.mlp.experts.${expert}.down_proj.weight`,
          shape: [WIDTH, 1024],
          role: 'moe.down',
          layer,
          expert,
          ...(layer > 100
            ? { relation: 'not-compared' as const }
            : expert % 5 === layer % 5
              ? { relation: 'differs' as const, cosine: 0.997 - expert / 100 }
              : { relation: 'identical-bytes' as const }),
        }),
      ),
    ).flat(),
    ...stack('vision', 'vision_tower.', 24),
  ],
};
