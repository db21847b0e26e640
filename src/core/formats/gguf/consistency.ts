import type { FindingCollector } from '../../content/collector.ts';
import type { TensorEntry } from '../../tensors/entry.ts';
import type { MetaEntry } from '../format.ts';
import { notePromisedTypes, noteTypes } from './expected-types.ts';
import { integerOf } from './values.ts';

/** Metadata by key, with its numbers. */
export class Facts {
  readonly #byKey: ReadonlyMap<string, MetaEntry>;

  constructor(metadata: readonly MetaEntry[]) {
    this.#byKey = new Map(metadata.map((entry) => [entry.key, entry]));
  }

  has(key: string): boolean {
    return this.#byKey.has(key);
  }

  keys(): Iterable<string> {
    return this.#byKey.keys();
  }

  text(key: string): string | null {
    const value = this.#byKey.get(key)?.value;
    return typeof value === 'string' ? value : null;
  }

  /** A scalar of any integer type; null when absent, another type or too large to be exact. */
  integer(key: string): number | null {
    const entry = this.#byKey.get(key);
    return entry === undefined ? null : integerOf(entry.value, entry.type);
  }

  /** Elements of an array; null when absent or no array. */
  length(key: string): number | null {
    const value = this.#byKey.get(key)?.value;
    return typeof value === 'object' && value !== null && 'length' in value ? value.length : null;
  }
}

/** The deepest public models have below 300 layers. */
const LAYERS_NOTED = 10_000;
/** Lists with one element per token (llama.cpp, gguf-py constants.py `Keys.Tokenizer`). */
const PER_TOKEN = ['tokenizer.ggml.scores', 'tokenizer.ggml.token_type'];
/** Dimensions that a program divides by or allocates with. */
const NEVER_ZERO = ['context_length', 'embedding_length', 'attention.head_count'];

/**
 * Notes where the metadata contradicts itself or the tensor table, and where it lacks what every loader asks for.
 * Only contradictions that no conversion tool produces: mixed quantisation, adapters, vocabularies without tensors and
 * single parts of a split model are ordinary.
 */
export function noteInconsistencies(
  metadata: readonly MetaEntry[],
  tensors: readonly TensorEntry[],
  findings: FindingCollector,
): void {
  const facts = new Facts(metadata);
  const note = (key: string, detail: Readonly<Record<string, string | number>> = {}): void =>
    findings.add('inconsistent-metadata', 'caution', { key, ...detail });
  noteTypes(metadata, note);
  noteArchitecture(facts, tensors, findings, note);
  noteTokens(facts, note);
  noteSplit(facts, tensors.length, note);
  notePromisedTypes(facts, tensors, note);
}

export type Note = (key: string, detail?: Readonly<Record<string, string | number>>) => void;

function noteArchitecture(facts: Facts, tensors: readonly TensorEntry[], findings: FindingCollector, note: Note): void {
  const architecture = facts.text('general.architecture');
  if (architecture === null) {
    // Only the first part of a split model describes it.
    const laterPart = (facts.integer('split.no') ?? 0) > 0;
    if (!facts.has('general.architecture') && !laterPart) {
      findings.add('missing-field', 'caution', { field: 'general.architecture' });
    }
    return;
  }
  for (const name of NEVER_ZERO) {
    const key = `${architecture}.${name}`;
    // Recurrent layers have no heads, and their converters write 0.
    const recurrent = [...facts.keys()].some((other) => /\.(?:ssm|wkv)\./.test(other));
    if (facts.integer(key) === 0 && !recurrent) note(key, { stated: 0 });
  }
  const layers = facts.integer(`${architecture}.block_count`);
  if (layers === null) return;
  const deepest = deepestLayer(tensors);
  if (layers > LAYERS_NOTED || deepest >= layers) {
    note(`${architecture}.block_count`, { stated: layers, actual: deepest + 1 });
  }
}

/** Number of the last `blk.N`, -1 when there is none. */
function deepestLayer(tensors: readonly TensorEntry[]): number {
  let deepest = -1;
  for (const { name } of tensors) {
    const layer = /^blk\.(\d{1,9})\./.exec(name)?.[1];
    if (layer !== undefined) deepest = Math.max(deepest, Number(layer));
  }
  return deepest;
}

function noteTokens(facts: Facts, note: Note): void {
  const tokens = facts.length('tokenizer.ggml.tokens');
  if (tokens === null) return;
  for (const key of PER_TOKEN) {
    const length = facts.length(key);
    if (length !== null && length !== tokens) note(key, { stated: length, actual: tokens });
  }
  for (const key of facts.keys()) {
    if (!/^tokenizer\.ggml\..*_token_id$/.test(key)) continue;
    const id = facts.integer(key);
    // Writers state "none" as -1, in 32 bits without a sign.
    if (id !== null && id !== 0xffff_ffff && id !== -1 && (id < 0 || id >= tokens)) {
      note(key, { stated: id, actual: `${tokens} tokens` });
    }
  }
}

function noteSplit(facts: Facts, own: number, note: Note): void {
  const part = facts.integer('split.no');
  const parts = facts.integer('split.count');
  const total = facts.integer('split.tensors.count');
  if (part !== null && parts !== null && (part < 0 || part >= Math.max(parts, 1))) {
    note('split.no', { stated: part, actual: `${parts} parts` });
  }
  if (total === null) return;
  const alone = parts === null || parts <= 1;
  if (own > total || (alone && own !== total)) note('split.tensors.count', { stated: total, actual: own });
}
