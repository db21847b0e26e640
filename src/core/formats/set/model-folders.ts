/** Folders that are models in a form of their own: PEFT adapters, diffusers pipelines, MLX, plain transformers. */
import { isArray, isNumber, isObject, textOf, valueOf, type Loose } from '../../content/loose-json.ts';
import { AppError } from '../../errors.ts';
import type { FormatId } from '../format.ts';
import { folderOf } from './paths.ts';

export type ModelKind = 'transformers' | 'peft-adapter' | 'diffusers' | 'mlx';

/** One part of a pipeline, in a folder of its own. Texts are the model's. */
export interface ModelComponent {
  readonly name: string;
  readonly library: string;
  /** The class that its library would make of it. */
  readonly type: string;
  /** Paths of its weight files. */
  readonly weights: readonly string[];
  readonly tensors: number;
}

export interface ModelFolder {
  readonly kind: ModelKind;
  /** The file that says so. */
  readonly config: string;
  /** For an adapter `base_model`; for MLX `bits`; for all `architecture` where stated. Texts are the model's. */
  readonly facts: Readonly<Record<string, string | number | boolean>>;
  /** Paths of the weight files; those of components are with these. */
  readonly weights: readonly string[];
  readonly components: readonly ModelComponent[];
}

/** What is known of one file. */
export interface FolderFile {
  readonly path: string;
  readonly weights: boolean;
  readonly format?: FormatId;
  readonly tensors: number;
  /** `format` of its safetensors metadata: `pt`, `mlx`. */
  readonly writtenFor?: string;
}

export interface FolderJudgement {
  readonly models: readonly ModelFolder[];
  /** What a model names and does not have, by the file that names it. */
  readonly errors: readonly { readonly path: string; readonly error: AppError }[];
}

/** Names of the files that say what a folder is. */
const CONFIGS = /(?:^|\/)(?:adapter_config|model_index|config)\.json$/;
/** Parts of one pipeline: the largest have a dozen. */
const COMPONENTS_MAX = 100;
const SHOWN = 200;
/** Files of weights as the two libraries name them, for parts whose weights are not there. */
const USUAL_NAME: Readonly<Record<string, string>> = {
  diffusers: 'diffusion_pytorch_model.safetensors',
  transformers: 'model.safetensors',
};

/** Whether a file says what its folder is. */
export function isModelConfig(path: string): boolean {
  return CONFIGS.test(path);
}

/**
 * What models the folders hold, as far as their configurations say and their weights bear out.
 *
 * @param configs parsed configurations by path; one that cannot be read is left out
 * Errors: FORMAT_MISSING_FILE {file, index}.
 */
export function recogniseModels(configs: ReadonlyMap<string, Loose>, files: readonly FolderFile[]): FolderJudgement {
  const byFolder = new Map<string, FolderFile[]>();
  for (const file of files) {
    const beside = byFolder.get(folderOf(file.path));
    if (beside === undefined) byFolder.set(folderOf(file.path), [file]);
    else beside.push(file);
  }
  const models: ModelFolder[] = [];
  const errors: { path: string; error: AppError }[] = [];
  const parts = new Set<string>();
  const missing = (config: string, file: string): void => {
    errors.push({ path: config, error: new AppError('FORMAT_MISSING_FILE', { file, index: config }) });
  };
  const ordered = [...configs].sort(([a], [b]) => rank(a) - rank(b) || (a < b ? -1 : 1));
  for (const [config, root] of ordered) {
    const folder = folderOf(config);
    const beside = byFolder.get(folder) ?? [];
    if (!isObject(root) || parts.has(folder)) continue;
    const base = config.slice(folder.length);
    if (base === 'model_index.json') {
      const model = diffusers(config, root, byFolder, missing);
      if (model === null) continue;
      models.push(model);
      for (const { name } of model.components) parts.add(`${folder}${name}/`);
    } else if (base === 'adapter_config.json') {
      const weights = pathsOf(beside.filter(({ path, weights: is }) => is && isAdapterWeights(path)));
      // Weights under a name of their own may be the adapter's.
      if (!beside.some((file) => file.weights)) missing(config, `${folder}adapter_model.safetensors`);
      models.push({ kind: 'peft-adapter', config, facts: adapterFacts(root), weights, components: [] });
    } else {
      const model = single(config, root, beside);
      if (model !== null) models.push(model);
    }
  }
  return { models, errors };
}

/** What names alone tell, for a plan of something remote: which folders are adapters and pipelines. */
export function namedModels(paths: readonly string[]): readonly ModelFolder[] {
  const bare = { facts: {}, weights: [], components: [] };
  return [...paths].sort().flatMap((config): ModelFolder[] => {
    if (/(?:^|\/)model_index\.json$/.test(config)) return [{ kind: 'diffusers', config, ...bare }];
    return /(?:^|\/)adapter_config\.json$/.test(config) ? [{ kind: 'peft-adapter', config, ...bare }] : [];
  });
}

/** `adapter_model.safetensors` of PEFT, also in shards, and `adapters.safetensors` of mlx-lm. */
export function isAdapterWeights(path: string): boolean {
  return /(?:^|\/)(?:adapter_model[.-]|adapters\.)[\w.-]*$/.test(path);
}

/** Pipelines first: the configurations of their parts are then known to be that. */
function rank(path: string): number {
  return path.endsWith('model_index.json') ? 0 : 1;
}

/** `model_index.json`: the name of each part with its library and class (diffusers, `pipeline_loading_utils.py`). */
function diffusers(
  config: string,
  root: Loose,
  byFolder: ReadonlyMap<string, readonly FolderFile[]>,
  missing: (config: string, file: string) => void,
): ModelFolder | null {
  if (!isObject(root)) return null;
  const folder = folderOf(config);
  const components: ModelComponent[] = [];
  for (const [name, value] of root.members.slice(0, 10 * COMPONENTS_MAX)) {
    const [library, type] = isArray(value) && value.items.length === 2 ? value.items : [];
    // Parts that were left out stand there as [null, null]; what begins with `_` is about the pipeline; names lead
    // nowhere but below this folder.
    if (typeof library !== 'string' || typeof type !== 'string' || !/^[a-z0-9][\w-]{0,99}$/i.test(name)) continue;
    if (components.length >= COMPONENTS_MAX) break;
    const inside = byFolder.get(`${folder}${name}/`) ?? [];
    const weights = inside.filter((file) => file.weights);
    components.push({
      name,
      library: library.slice(0, SHOWN),
      type: type.slice(0, SHOWN),
      weights: pathsOf(weights),
      tensors: weights.reduce((sum, file) => sum + file.tensors, 0),
    });
    const usual = Object.hasOwn(USUAL_NAME, library) ? USUAL_NAME[library]! : 'model.safetensors';
    if (inside.length === 0) missing(config, `${folder}${name}/`);
    // Schedulers, tokenizers and image processors have configurations of other names, and no weights.
    else if (weights.length === 0 && inside.some(({ path }) => path.endsWith('/config.json')))
      missing(config, `${folder}${name}/${usual}`);
  }
  // Pipelines of their own state a module before the class.
  const stated = valueOf(root, '_class_name');
  const pipeline = textOf(isArray(stated) ? stated.items.at(-1) : stated);
  const version = textOf(valueOf(root, '_diffusers_version'));
  if (components.length === 0 && pipeline === null) return null;
  const facts = {
    ...(pipeline === null ? {} : { architecture: pipeline.slice(0, SHOWN) }),
    ...(version === null ? {} : { diffusers_version: version.slice(0, SHOWN) }),
  };
  return { kind: 'diffusers', config, facts, weights: [], components };
}

/** `adapter_config.json` of PEFT (huggingface/peft, `config.py`), or of mlx-lm (`lora.py`), which spells three keys otherwise. */
function adapterFacts(root: Loose): Readonly<Record<string, string | number>> {
  const facts: Record<string, string | number> = {};
  const text = (key: string, as: string): void => {
    const value = textOf(valueOf(root, key));
    if (value !== null && value !== '') facts[as] = value.slice(0, SHOWN);
  };
  text('fine_tune_type', 'adapter');
  text('peft_type', 'adapter');
  text('model', 'base_model');
  text('base_model_name_or_path', 'base_model');
  text('revision', 'base_revision');
  text('task_type', 'task');
  for (const [key, as] of [
    ['r', 'rank'],
    ['lora_alpha', 'alpha'],
  ] as const) {
    const value = valueOf(root, key) ?? valueOf(valueOf(root, 'lora_parameters'), as);
    if (isNumber(value) && Number.isFinite(value.value)) facts[as] = value.value;
  }
  const modules = valueOf(root, 'target_modules');
  const named = isArray(modules) ? modules.items.flatMap((item) => textOf(item) ?? []) : [textOf(modules) ?? ''];
  if (named.some((name) => name !== '')) facts['target_modules'] = named.slice(0, 50).join(', ').slice(0, SHOWN);
  return facts;
}

/** One model with its `config.json`; null when no weights lie beside it that its library would read. */
function single(config: string, root: Loose, beside: readonly FolderFile[]): ModelFolder | null {
  const weights = beside.filter(({ weights: is, format }) => is && format !== undefined && LIBRARY_FORMATS.has(format));
  if (weights.length === 0) return null;
  const architectures = valueOf(root, 'architectures');
  const [first] = isArray(architectures) ? architectures.items : [];
  const architecture = textOf(first) ?? textOf(valueOf(root, 'model_type'));
  const named = architecture === null ? {} : { architecture: architecture.slice(0, SHOWN) };
  const quantisation = mlxQuantisation(root);
  const written = weights.some(({ writtenFor }) => writtenFor === 'mlx');
  // Either alone is enough: full-precision conversions state no quantisation, early ones wrote no metadata.
  if (written || quantisation !== null) {
    return { kind: 'mlx', config, facts: { ...named, ...quantisation }, weights: pathsOf(weights), components: [] };
  }
  if (architecture === null) return null;
  return { kind: 'transformers', config, facts: named, weights: pathsOf(weights), components: [] };
}

const LIBRARY_FORMATS: ReadonlySet<FormatId> = new Set<FormatId>(['safetensors', 'pytorch-zip', 'pytorch-legacy']);

/** `quantization` with bits and group size, as mlx-lm writes it; transformers spells it `quantization_config`. */
function mlxQuantisation(root: Loose): Readonly<Record<string, number>> | null {
  const stated = valueOf(root, 'quantization');
  const [bits, group] = [valueOf(stated, 'bits'), valueOf(stated, 'group_size')];
  if (!isNumber(bits) || !isNumber(group) || valueOf(stated, 'quant_method') !== undefined) return null;
  return Number.isFinite(bits.value) && Number.isFinite(group.value)
    ? { bits: bits.value, group_size: group.value }
    : null;
}

function pathsOf(files: readonly FolderFile[]): readonly string[] {
  return files.map(({ path }) => path).sort();
}
