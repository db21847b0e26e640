import { FindingCollector } from '../../content/collector.ts';
import type { Finding } from '../../content/finding.ts';
import { inspectKerasConfig, newKerasFacts } from '../../content/keras-config.ts';
import { parseLooseText } from '../../content/loose-json.ts';
import { AppError } from '../../errors.ts';
import type { Attribute } from '../hdf5/attributes.ts';

const CONFIG = /^(?:model_config|training_config|layer_config|config)(\d*)$/;
const PLAIN: ReadonlySet<string> = new Set(['keras_version', 'backend', 'tensorflow_version']);

export interface KerasAttributes {
  readonly findings: readonly Finding[];
  readonly facts: Readonly<Record<string, string | number | boolean>>;
}

/**
 * Facts and findings of the attributes that Keras writes at the root of an HDF5 file. Long texts are split into
 * `model_config0`, `model_config1` … (keras/src/legacy/saving/legacy_h5_format.py): each piece and the whole are looked
 * at, since it is the reader who decides what it joins.
 */
export async function inspectKerasAttributes(
  attributes: readonly Attribute[],
  read: (attribute: Attribute) => Promise<string | null>,
): Promise<KerasAttributes> {
  const findings = new FindingCollector();
  const keras = newKerasFacts();
  const facts: Record<string, string | number | boolean> = {};
  const split = new Map<string, { at: number; text: string }[]>();
  for (const attribute of attributes) {
    if (PLAIN.has(attribute.name)) facts[attribute.name] = ((await read(attribute)) ?? '').slice(0, 200);
    const match = CONFIG.exec(attribute.name);
    if (match === null) continue;
    const text = await read(attribute);
    if (text === null) continue;
    const [, digits = ''] = match;
    const inspected = inspect(text, attribute.name, findings, keras);
    if (digits === '') {
      if (!inspected) findings.add('bad-json', 'caution', { key: attribute.name }, { offset: attribute.offset });
      continue;
    }
    const base = attribute.name.slice(0, -digits.length);
    const pieces = split.get(base) ?? [];
    if (pieces.length === 0) split.set(base, pieces);
    pieces.push({ at: Number(digits), text });
  }
  for (const [base, pieces] of split) {
    if (pieces.length < 2) continue;
    const whole = pieces.sort((a, b) => a.at - b.at).map(({ text }) => text);
    inspect(whole.join(''), base, findings, keras);
  }
  if (keras.lambdaLayers.length > 0) {
    facts['executes_code_on_load'] = true;
    facts['lambda_layers'] = keras.lambdaLayers.join(', ');
  }
  return { findings: findings.list(), facts };
}

/** False when the text is no JSON. */
function inspect(
  text: string,
  name: string,
  findings: FindingCollector,
  keras: ReturnType<typeof newKerasFacts>,
): boolean {
  try {
    inspectKerasConfig(parseLooseText(text).root, name, findings, keras);
    return true;
  } catch (error) {
    if (error instanceof AppError) return false;
    throw error;
  }
}
