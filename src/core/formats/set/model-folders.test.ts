import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseLooseText } from '../../content/loose-json.ts';
import { modelWords } from '../../report/words/models.ts';
import { localFiles, reportOn, saidOf } from '../../scan/whole-way.suite.ts';
import { tensor, writeSafetensors } from '../writers.suite.ts';
import { silentContext } from '../../progress.ts';
import { makePlan } from '../../scan/plan.ts';
import { namedModels, recogniseModels } from './model-folders.ts';

const weights = (names: readonly string[], metadata?: Readonly<Record<string, string>>): Uint8Array =>
  writeSafetensors(
    names.map((name) => tensor(name, 'F32', [4])),
    metadata,
  );
const json = (value: unknown): string => JSON.stringify(value);
const PIPELINE = {
  _class_name: 'StableDiffusionPipeline',
  _diffusers_version: '0.30.0',
  safety_checker: [null, null],
  requires_safety_checker: false,
  scheduler: ['diffusers', 'PNDMScheduler'],
  text_encoder: ['transformers', 'CLIPTextModel'],
  unet: ['diffusers', 'UNet2DConditionModel'],
};
const SHARDS = ['00001-of-00002', '00002-of-00002'].map((part) => `diffusion_pytorch_model-${part}.safetensors`);
const pipeline = {
  'model_index.json': json(PIPELINE),
  'scheduler/scheduler_config.json': json({ _class_name: 'PNDMScheduler' }),
  'text_encoder/config.json': json({ architectures: ['CLIPTextModel'] }),
  'text_encoder/model.safetensors': weights(['a']),
  'unet/config.json': json({ _class_name: 'UNet2DConditionModel' }),
  'unet/diffusion_pytorch_model.safetensors.index.json': json({ weight_map: { b: SHARDS[0], c: SHARDS[1] } }),
  [`unet/${SHARDS[0]}`]: weights(['b']),
  [`unet/${SHARDS[1]}`]: weights(['c']),
};

describe('a diffusers folder', () => {
  it('is one model with its parts, each with its own weights and shards', async () => {
    const report = await reportOn(pipeline, 'headers');
    expect(report.models).toEqual([
      {
        kind: 'diffusers',
        config: 'model_index.json',
        facts: { architecture: 'StableDiffusionPipeline', diffusers_version: '0.30.0' },
        weights: [],
        components: [
          { name: 'scheduler', library: 'diffusers', type: 'PNDMScheduler', weights: [], tensors: 0 },
          {
            name: 'text_encoder',
            library: 'transformers',
            type: 'CLIPTextModel',
            weights: ['text_encoder/model.safetensors'],
            tensors: 1,
          },
          {
            name: 'unet',
            library: 'diffusers',
            type: 'UNet2DConditionModel',
            weights: SHARDS.map((name) => `unet/${name}`),
            tensors: 2,
          },
        ],
      },
    ]);
    const said = saidOf(report);
    expect(said).toContain('matches: All 3 parts that model_index.json names are here.');
    expect(said.filter((line) => line.includes('index.json speaks of'))).toEqual([
      'matches: All 2 files that unet/diffusion_pytorch_model.safetensors.index.json speaks of are here, and they fit together.',
    ]);
    expect(modelWords(report.models![0]!)).toBe(
      'a diffusers pipeline (StableDiffusionPipeline) of 3 parts: scheduler (PNDMScheduler, no weights), text_encoder (CLIPTextModel, 1 tensor), unet (UNet2DConditionModel, 2 tensors)',
    );
  });

  it('without a part, or without the weights of one, says which', async () => {
    const kept = Object.entries(pipeline).filter(
      ([path]) => !path.startsWith('scheduler/') && path !== 'text_encoder/model.safetensors',
    );
    expect(saidOf(await reportOn(Object.fromEntries(kept), 'headers')).slice(0, 2)).toEqual([
      'contradicts: scheduler/ is not here, and the model needs it (model_index.json says so).',
      'contradicts: text_encoder/model.safetensors is not here, and the model needs it (model_index.json says so).',
    ]);
  });

  it('alone, the index is a remark about what belongs to it', async () => {
    const report = await reportOn({ 'model_index.json': json(PIPELINE) });
    expect(new Set(report.checks.filter(({ kind }) => kind === 'set').map(({ outcome }) => outcome))).toEqual(
      new Set(['no-claim']),
    );
  });

  it('cannot name parts outside its folder, nor endless ones', () => {
    const many = Object.fromEntries(Array.from({ length: 5000 }, (_, i) => [`p${i}`, ['diffusers', 'X']]));
    const own = { _class_name: ['pipeline_x', 'XPipeline'], _name_or_path: ['a', 'b'] };
    const root = parseLooseText(
      json({ ...own, '../../etc': ['diffusers', 'X'], 'a/b': ['diffusers', 'X'], ...many }),
    ).root;
    const { models } = recogniseModels(new Map([['model_index.json', root]]), []);
    expect(models[0]!.components).toHaveLength(100);
    expect(models[0]!.components[0]!.name).toBe('p0');
    expect(models[0]!.facts).toEqual({ architecture: 'XPipeline' });
  });
});

describe('a PEFT adapter', () => {
  const config = {
    peft_type: 'LORA',
    base_model_name_or_path: 'org/base',
    r: 8,
    lora_alpha: 16,
    target_modules: ['q_proj', 'v_proj'],
  };

  it('names its base model, which is not part of it', async () => {
    const report = await reportOn({
      'a/adapter_config.json': json(config),
      'a/adapter_model.safetensors': weights(['base_model.model.x.lora_A.weight']),
    });
    expect(report.models).toEqual([
      {
        kind: 'peft-adapter',
        config: 'a/adapter_config.json',
        facts: { adapter: 'LORA', base_model: 'org/base', rank: 8, alpha: 16, target_modules: 'q_proj, v_proj' },
        weights: ['a/adapter_model.safetensors'],
        components: [],
      },
    ]);
    expect(modelWords(report.models![0]!)).toBe(
      'a LORA adapter of rank 8, made for org/base; that model is not part of it',
    );
  });

  it('of mlx-lm, or in shards, is one as well', async () => {
    const mlx = { fine_tune_type: 'lora', model: 'org/base', lora_parameters: { rank: 16 } };
    const own = await reportOn({ 'adapter_config.json': json(mlx), 'adapters.safetensors': weights(['w']) });
    expect(own.models).toMatchObject([
      { facts: { adapter: 'lora', base_model: 'org/base', rank: 16 }, weights: ['adapters.safetensors'] },
    ]);
    const shards = ['adapter_model-00001-of-00002.safetensors', 'adapter_model-00002-of-00002.safetensors'];
    const cut = await reportOn({
      'adapter_config.json': json(config),
      ...Object.fromEntries(shards.map((path, i) => [path, weights([`w${i}`])])),
    });
    expect(cut.models![0]!.weights).toEqual(shards);
    for (const report of [own, cut]) expect(report.checks.some(({ outcome }) => outcome === 'contradicts')).toBe(false);
  });

  it('without weights says what is missing', async () => {
    const report = await reportOn({ 'adapter_config.json': json(config), 'README.md': 'x' });
    expect(saidOf(report)[0]).toBe(
      'contradicts: adapter_model.safetensors is not here, and the model needs it (adapter_config.json says so).',
    );
  });
});

describe('a plan', () => {
  const plan = async (files: Readonly<Record<string, Uint8Array | string>>) => {
    const intake = { kind: 'local', name: 'm', files: localFiles(files) } as const;
    return (await makePlan({ intake, against: [], depth: 'headers' }, {}, silentContext())).models;
  };

  it('says what the folders are before anything large is read', async () => {
    const models = await plan(pipeline);
    expect(models!.map(modelWords)).toEqual([
      'a diffusers pipeline (StableDiffusionPipeline) of 3 parts: scheduler (PNDMScheduler, no weights), text_encoder (CLIPTextModel, 1 weight file), unet (UNet2DConditionModel, 2 weight files)',
    ]);
    expect(await plan({ 'a.safetensors': weights(['w']) })).toBeUndefined();
  });

  it('of something remote goes by names', () => {
    const named = namedModels(['x/adapter_config.json', 'model_index.json', 'unet/config.json']);
    expect(named.map((model) => `${model.config}: ${modelWords(model)}`)).toEqual([
      'model_index.json: a diffusers pipeline',
      'x/adapter_config.json: a PEFT adapter',
    ]);
  });
});

describe('a folder with config.json', () => {
  const kinds = async (config: unknown, metadata?: Readonly<Record<string, string>>) =>
    (await reportOn({ 'config.json': json(config), 'model.safetensors': weights(['w'], metadata) }, 'headers')).models;

  it('is MLX by its quantisation, or by what the weights say they were written for', async () => {
    const quantised = await kinds({ model_type: 'llama', quantization: { group_size: 64, bits: 4 } });
    expect(quantised).toMatchObject([{ kind: 'mlx', facts: { architecture: 'llama', bits: 4, group_size: 64 } }]);
    expect(modelWords(quantised![0]!)).toBe('an MLX model (llama), 4-bit in groups of 64');
    expect(await kinds({ model_type: 'llama' }, { format: 'mlx' })).toMatchObject([{ kind: 'mlx' }]);
  });

  it('is a transformers model by its architecture, and nothing without one', async () => {
    const plain = await kinds({ architectures: ['LlamaForCausalLM'] }, { format: 'pt' });
    expect(plain).toMatchObject([{ kind: 'transformers', facts: { architecture: 'LlamaForCausalLM' } }]);
    expect(await kinds({ quantization_config: { bits: 4, group_size: 128, quant_method: 'gptq' } })).toBeUndefined();
  });

  it('is nothing without weights that its library reads', async () => {
    const report = await reportOn({ 'config.json': json({ model_type: 'llama' }), 'model.gguf': 'GGUF' }, 'headers');
    expect(report.models).toBeUndefined();
  });
});

describe('any configurations at all', () => {
  it('are read without failing, and name no file outside their folder', () => {
    const config = fc.constantFrom('config.json', 'a/adapter_config.json', 'b/model_index.json', 'b/unet/config.json');
    const files = ['model.safetensors', 'b/unet/x.bin', 'a/adapter_model.bin'].map((path) => ({
      path,
      weights: true,
      format: 'safetensors' as const,
      tensors: 1,
    }));
    fc.assert(
      fc.property(fc.dictionary(config, fc.jsonValue(), { maxKeys: 4 }), (documents) => {
        const configs = new Map(
          Object.entries(documents).map(([path, value]) => [path, parseLooseText(json(value)).root]),
        );
        const { models, errors } = recogniseModels(configs, files);
        for (const model of models) expect(modelWords(model)).not.toBe('');
        for (const { path, error } of errors) {
          const folder = path.slice(0, path.lastIndexOf('/') + 1);
          expect(String(error.detail['file']).startsWith(folder)).toBe(true);
          expect(String(error.detail['file'])).not.toContain('..');
        }
      }),
      { numRuns: 500 },
    );
  });
});
