/** Code that a loader fetches or imports because a configuration says so. */
import type { FindingCollector } from '../collector.ts';
import { isArray, isObject, textOf, valueOf, valuesOf, type Loose } from '../loose-json.ts';
import { knownDanger } from '../pickle/dangerous.ts';

const LISTED = 16;

/** Libraries whose classes a configuration may name without code of its own. */
const LIBRARIES =
  /^(?:transformers|diffusers|peft|sentence_transformers|tokenizers|optimum|onnxruntime|accelerate|timm|open_clip|mlx|gguf)(?:\.|$)/;

/**
 * Pipelines of diffusers that have modules of their own (src/diffusers/pipelines): named in `model_index.json` for
 * classes such as safety checkers.
 */
const PIPELINE_MODULES = new Set(
  (
    'allegro amused animatediff audioldm audioldm2 aura_flow blip_diffusion bria chroma cogvideo cogview3 cogview4 consisid ' +
    'consistency_models controlnet cosmos dance_diffusion ddim ddpm deepfloyd_if deprecated dit easyanimate flux hidream_image ' +
    'hunyuan_video hunyuandit i2vgen_xl kandinsky kandinsky2_2 kandinsky3 kolors latent_consistency_models latent_diffusion latte ' +
    'ledits_pp ltx lumina lumina2 marigold mochi musicldm omnigen pag paint_by_example pia pixart_alpha qwenimage ' +
    'safe_stable_diffusion sana semantic_stable_diffusion shap_e stable_audio stable_cascade stable_diffusion ' +
    'stable_diffusion_3 stable_diffusion_attend_and_excite stable_diffusion_diffedit stable_diffusion_gligen ' +
    'stable_diffusion_safe stable_diffusion_xl stable_video_diffusion t2i_adapter text_to_video_synthesis unclip unidiffuser ' +
    'visualcloze wan wuerstchen'
  ).split(' '),
);

/** Members that ask for code, wherever they stand. */
export function inspectRemoteCode(object: Loose, file: string, findings: FindingCollector): void {
  for (const map of valuesOf(object, 'auto_map')) {
    const classes = [...strings(map)];
    noteClasses(classes, file, 'auto_map', findings);
  }
  if (valuesOf(object, 'trust_remote_code').includes(true)) {
    findings.add('remote-code', 'caution', { file, key: 'trust_remote_code' });
  }
  for (const pipelines of valuesOf(object, 'custom_pipelines')) {
    const implementations = isObject(pipelines)
      ? pipelines.members.map(([, value]) => textOf(valueOf(value, 'impl')) ?? '')
      : [];
    noteClasses(implementations, file, 'custom_pipelines', findings);
  }
  for (const generate of valuesOf(object, 'custom_generate')) {
    if (typeof generate === 'string')
      noteClasses([generate], file, 'custom_generate', findings, generate.includes('/'));
  }
  for (const mapping of valuesOf(object, 'auto_mapping')) {
    const library = textOf(valueOf(mapping, 'parent_library'));
    if (library !== null && !LIBRARIES.test(library)) noteModule(library, file, 'parent_library', findings);
  }
}

/** `model_index.json` of diffusers: every component names a library and a class. */
export function inspectModelIndex(root: Loose, findings: FindingCollector): void {
  const file = 'model_index.json';
  if (!isObject(root)) return;
  for (const [component, value] of root.members) {
    if (!isArray(value)) continue;
    const [library, name] = value.items;
    if (component === '_class_name') {
      noteClasses([...strings(value)], file, component, findings);
      continue;
    }
    if (typeof library !== 'string' || LIBRARIES.test(library) || PIPELINE_MODULES.has(library)) continue;
    noteModule(library, file, component, findings, textOf(name) ?? '');
  }
}

/** `modules.json` of sentence-transformers: every module names a class to import and a folder to read. */
export function inspectModules(root: Loose, findings: FindingCollector): void {
  if (!isArray(root)) return;
  for (const module of root.items) {
    const type = textOf(valueOf(module, 'type'));
    if (type === null || LIBRARIES.test(type)) continue;
    noteModule(type, 'modules.json', 'type', findings);
  }
}

function noteClasses(
  classes: readonly string[],
  file: string,
  key: string,
  findings: FindingCollector,
  foreign = false,
): void {
  findings.add('remote-code', 'caution', { file, key, classes: classes.slice(0, LISTED).join(', ').slice(0, 400) });
  for (const name of classes) {
    // `org/name--module.Class` is code of another repository, which its owner can change at any time.
    const other = /^([^\s]{1,200}?)--/.exec(name)?.[1] ?? (foreign ? name : undefined);
    if (other !== undefined)
      findings.add('foreign-repository', 'danger', { file, key, repository: other.slice(0, 200) });
  }
}

/** A module that would be imported by name. */
function noteModule(module: string, file: string, key: string, findings: FindingCollector, name = ''): void {
  const dots = module.lastIndexOf('.');
  const [path, last] = name !== '' || dots < 0 ? [module, name] : [module.slice(0, dots), module.slice(dots + 1)];
  const effect = knownDanger(path, last === '' ? 'import' : last);
  const classes = (name === '' ? module : `${module}.${name}`).slice(0, 200);
  findings.add('remote-code', effect === null ? 'caution' : 'danger', {
    file,
    key,
    classes,
    ...(effect === null ? {} : { effect }),
  });
}

function* strings(value: Loose): Generator<string, void, undefined> {
  if (typeof value === 'string') yield value;
  else if (isArray(value)) for (const item of value.items) yield* strings(item);
  else if (isObject(value)) for (const [, member] of value.members) yield* strings(member);
}
