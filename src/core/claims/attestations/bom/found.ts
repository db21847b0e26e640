/** What a model's own files say of it: its configuration, and the headers of its weights. */
import { Facts } from '../../../formats/gguf/consistency.ts';
import { RECORD_MAX } from '../../../limits.ts';
import type { TensorEntry } from '../../../tensors/entry.ts';
import { AppError } from '../../../errors.ts';
import { field, isObject, listField, strictJson, textField } from '../json.ts';
import type { AttestationInput, FileHeader } from '../kind.ts';
import { plainArchitecture } from './architectures.ts';
import { isWeights, modelFolder } from './places.ts';

/** One place that says something. Several values of a kind are all right: any of them is meant. */
export interface Found {
  /** Path of the file, or the first of several. */
  readonly where: string;
  readonly architectures: readonly string[];
  /** They are GGUF's, which stores several architectures under one name. */
  readonly stored: boolean;
  readonly dtype?: string;
  readonly contextLengths: readonly number[];
  readonly vocabularies: readonly number[];
}

/** One comparison: what it is about, and either the common value or the two that differ. */
export type Compared =
  | { readonly what: string; readonly agreed: string }
  | { readonly what: string; readonly stated: string; readonly actual: string; readonly where: string };

export interface FoundTensors {
  readonly where: string;
  readonly tensors: readonly TensorEntry[];
}

/** @throws AppError SOURCE_ABORTED */
export async function foundBeside(input: AttestationInput): Promise<{
  readonly config: Found | null;
  readonly headers: readonly Found[];
  readonly weights: readonly FoundTensors[];
}> {
  const { folder, path } = input;
  const base = modelFolder(path, folder);
  const headers: Found[] = [];
  const weights: FoundTensors[] = [];
  for (const { path: where } of folder.files) {
    const header = where.startsWith(base) && isWeights(where, folder) ? folder.header?.(where) : undefined;
    if (header === undefined) continue;
    weights.push({ where, tensors: header.tensors });
    if (header.format === 'gguf') headers.push(ofGguf(where, header));
  }
  return { config: await ofConfig(`${base}config.json`, input), headers, weights };
}

function ofGguf(where: string, { metadata }: FileHeader): Found {
  const facts = new Facts(metadata);
  const architecture = facts.text('general.architecture');
  const own = (key: string): readonly number[] => {
    const value = facts.integer(`${architecture ?? ''}.${key}`);
    return value === null ? [] : [value];
  };
  const tokens = facts.length('tokenizer.ggml.tokens');
  return {
    where,
    architectures: architecture === null ? [] : [architecture],
    stored: true,
    contextLengths: [...own('context_length'), ...own('rope.scaling.original_context_length')],
    vocabularies: [...own('vocab_size'), ...(tokens === null ? [] : [tokens])],
  };
}

/** Keys by which transformers' configurations state how many positions there are. */
const POSITIONS = [
  'max_position_embeddings',
  'n_positions',
  'n_ctx',
  'max_seq_len',
  'seq_length',
  'max_sequence_length',
];
/** Their tables of positions begin with two that are never used (fairseq). */
const TWO_MORE: ReadonlySet<string> = new Set(['roberta', 'xlmroberta', 'camembert', 'longformer', 'xlmrobertaxl']);

/** Null when there is none, or none that means one thing. */
async function ofConfig(where: string, { folder }: AttestationInput): Promise<Found | null> {
  if (!folder.files.some(({ path, size }) => path === where && size <= RECORD_MAX)) return null;
  let config: unknown;
  try {
    config = strictJson(await folder.read(where, RECORD_MAX));
  } catch (error) {
    // What cannot be read has its own rows in the report.
    if (!(error instanceof AppError) || error.code === 'SOURCE_ABORTED') throw error;
    return null;
  }
  const parts = [config, field(config, 'text_config'), field(config, 'llm_config')].filter(isObject);
  const texts = (key: string): readonly string[] => parts.flatMap((part) => textField(part, key) ?? []);
  const types = texts('model_type');
  const classes = parts.flatMap((part) => listField(part, 'architectures')).filter((one) => typeof one === 'string');
  const dtype = [...texts('dtype'), ...texts('torch_dtype')][0];
  const twoMore = types.some((type) => TWO_MORE.has(plainArchitecture(type)));
  return {
    where,
    architectures: [...types, ...classes],
    stored: false,
    ...(dtype === undefined ? {} : { dtype }),
    contextLengths: parts.flatMap((part) => contextLengths(part)).flatMap((n) => (twoMore ? [n, n - 2] : [n])),
    vocabularies: parts.flatMap((part) => count(part, 'vocab_size')),
  };
}

/** With scaled rotary positions both the trained and the stretched length are meant. */
function contextLengths(part: unknown): readonly number[] {
  const stated = POSITIONS.flatMap((key) => count(part, key));
  const scaling = [field(part, 'rope_scaling'), field(part, 'rope_parameters')];
  const factors = scaling.map((one) => field(one, 'factor')).filter((one) => typeof one === 'number');
  const original = [part, ...scaling].flatMap((one) => count(one, 'original_max_position_embeddings'));
  const all = [...stated, ...original];
  return [...all, ...factors.flatMap((factor) => all.map((n) => Math.round(n * factor)))];
}

function count(value: unknown, key: string): readonly number[] {
  const found = field(value, key);
  return typeof found === 'number' && Number.isSafeInteger(found) && found > 0 ? [found] : [];
}
