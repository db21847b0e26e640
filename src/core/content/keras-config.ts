/**
 * What a Keras configuration would do when a model is built from it (keras/src/saving/serialization_lib.py): every
 * object names a class or function, and loading imports the module that holds it.
 */
import type { FindingCollector } from './collector.ts';
import { isArray, isObject, textOf, valueOf, valuesOf, type Loose, type LooseObject } from './loose-json.ts';
import { knownDanger } from './pickle/dangerous.ts';

/** Keras and the packages it takes for its own. */
const OWN =
  /^(?:keras|tf_keras|keras_core|keras_nlp|keras_cv|keras_hub|tensorflow\.keras|tensorflow\.python\.keras)(?:\.|$)/;
/**
 * Functions of Keras itself that reach outside when called while a model is built: downloads, files, other models,
 * and the switch that allows code (CVE-2025-1550, CVE-2025-8747).
 */
const REACHING: ReadonlySet<string> = new Set([
  'enable_unsafe_deserialization',
  'extract_archive',
  'get_file',
  'image_dataset_from_directory',
  'load_img',
  'load_model',
  'load_weights',
  'save_model',
  'save_img',
]);
/** Layers that are made of another program's code or files, and what they hold. */
const FOREIGN_LAYERS: ReadonlyMap<string, string> = new Map([
  ['TorchModuleWrapper', 'a pickled PyTorch module'],
  ['JaxLayer', 'a function'],
  ['FlaxLayer', 'a function'],
]);
/** Keys whose text is the path or address of a file that building the model reads. */
const PATH_KEYS: ReadonlySet<string> = new Set([
  'filepath',
  'file_path',
  'filename',
  'merges',
  'path',
  'proto',
  'vocabulary',
  'vocabulary_file',
  'weights_path',
]);

export interface KerasFacts {
  readonly lambdaLayers: string[];
  /** Classes in the configuration, without repeats, cut. */
  readonly classes: Set<string>;
}

const CLASSES_KEPT = 200;

interface Place {
  readonly value: Loose;
  /** Of the innermost layer with a name. */
  readonly name: string;
  readonly key: string;
  readonly inLambda: boolean;
}

/** Adds what a configuration would run, import or read. @param where `config.json` or the attribute it comes from */
export function inspectKerasConfig(root: Loose, where: string, findings: FindingCollector, facts: KerasFacts): void {
  const stack: Place[] = [{ value: root, name: '', key: '', inLambda: false }];
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    const { value, key } = next;
    let { name, inLambda } = next;
    if (isArray(value)) {
      for (const item of value.items) stack.push({ value: item, name, key: '', inLambda });
      continue;
    }
    if (!isObject(value)) {
      if (typeof value === 'string' && PATH_KEYS.has(key) && looksLikePath(value)) {
        findings.add('keras-external-path', 'danger', { where, layer: name, key, file: value.slice(0, 200) });
      }
      continue;
    }
    const config = valueOf(value, 'config');
    name = (textOf(valueOf(config, 'name')) ?? textOf(valueOf(value, 'name')) ?? name).slice(0, 200);
    for (const className of valuesOf(value, 'class_name')) {
      // The code of a Lambda layer is told with the layer.
      if (typeof className !== 'string' || (className === '__lambda__' && inLambda)) continue;
      inspectObject(value, className, name, where, findings, facts);
      inLambda = className === 'Lambda';
    }
    for (const [inner, member] of value.members) stack.push({ value: member, name, key: inner, inLambda });
  }
}

function inspectObject(
  object: LooseObject,
  className: string,
  name: string,
  where: string,
  findings: FindingCollector,
  facts: KerasFacts,
): void {
  const config = valueOf(object, 'config');
  const module = textOf(valueOf(object, 'module')) ?? '';
  const registered = textOf(valueOf(object, 'registered_name')) ?? '';
  // `{"class_name": "function", "config": "name"}` names a function of its module.
  const target = className === 'function' ? (textOf(config) ?? className) : className;
  const shown = { where, layer: name, class: target.slice(0, 200), module: module.slice(0, 200) };
  if (facts.classes.size < CLASSES_KEPT)
    facts.classes.add((module === '' ? target : `${module}.${target}`).slice(0, 200));

  if (className === 'Lambda' || className === '__lambda__') {
    if (className === 'Lambda' && name !== '' && facts.lambdaLayers.length < CLASSES_KEPT)
      facts.lambdaLayers.push(name);
    findings.add('keras-lambda', 'danger', { ...shown, bytes: codeLength(config) });
    return;
  }
  if (className === 'TFSMLayer') {
    findings.add('keras-external-path', 'danger', {
      ...shown,
      file: (textOf(valueOf(config, 'filepath')) ?? '').slice(0, 200),
    });
    return;
  }
  const foreign = FOREIGN_LAYERS.get(className);
  if (foreign !== undefined) findings.add('keras-arbitrary-class', 'danger', { ...shown, holds: foreign });
  if (REACHING.has(target) && (module === '' || OWN.test(module))) {
    findings.add('keras-arbitrary-class', 'danger', { ...shown, effect: 'files' });
    return;
  }
  if (module === '' || OWN.test(module)) {
    // Registered by somebody's program: nothing is imported, but the model needs that code.
    if (registered.includes('>'))
      findings.add('keras-custom-class', 'caution', { ...shown, registered: registered.slice(0, 200) });
    return;
  }
  // The registry is asked first, the import follows when it does not know the name: a `package>Name` keeps nobody out.
  const danger = knownDanger(module, target);
  if (danger !== null) findings.add('keras-arbitrary-class', 'danger', { ...shown, effect: danger });
  else findings.add('keras-custom-class', 'caution', { ...shown, registered: registered.slice(0, 200) });
}

/** Characters of the marshalled code, in the new form or the old list. */
function codeLength(config: Loose | undefined): number {
  const fn = valueOf(config, 'function');
  const old = isArray(fn) ? fn.items[0] : undefined;
  const code = textOf(valueOf(config, 'code')) ?? textOf(valueOf(valueOf(fn, 'config'), 'code')) ?? textOf(old);
  return code?.length ?? 0;
}

/** A list of words is a vocabulary, one text is the place of one. Serialised tokenizers are base64, which has slashes too. */
function looksLikePath(text: string): boolean {
  if (text === '' || text.length > 4096 || /^[A-Za-z0-9+/=\s]{64,}$/.test(text)) return false;
  return /[\\/]|^[a-z][a-z0-9+.-]*:|\.\w{1,12}$|^~/i.test(text);
}

export function newKerasFacts(): KerasFacts {
  return { lambdaLayers: [], classes: new Set() };
}
