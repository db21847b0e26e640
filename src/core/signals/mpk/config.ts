/**
 * A configuration as transformers 5.18 would hold it. MPK reads `AutoConfig`, not the file: defaults of each architecture
 * count, and so do fields that moved. `config-table.json` holds what matters of 429 types (its facts were read from the
 * configuration classes themselves); a type that is not in it is refused, never guessed.
 */
import { AppError } from '../../errors.ts';
import { JsonNumber, type JsonValue } from '../../formats/json-reader.ts';
import { parseStrictJson } from '../../formats/strict-json.ts';

/** One architecture of the table. */
interface TypeRow {
  /** Multimodal: MPK looks at this part, which has this type unless it says otherwise. */
  readonly sub?: 'text_config' | 'decoder';
  readonly subType?: string;
  /** Our name → the file's name. */
  readonly map?: Readonly<Record<string, string>>;
  /**
   * k: without key-value heads there are as many as heads; n: only when they are null. h: without a head size it is width
   * over heads; H: only when null; d: twice that; f: when null it is the default. i: the inner size is four times the width. r: `rope_theta` moves into the rope
   * parameters; t: there it replaces the default. w: whether the output matrix is the embedding is not for the file to say.
   */
  readonly flags?: string;
  /** Rope parameters that hold when the file has none; absent: the architecture has no such field. */
  readonly rope?: Plain | null;
  readonly defaults?: Plain;
}

type Plain = Readonly<Record<string, unknown>>;

/** Attributes as Python's `getattr` finds them: a key that is missing here is an attribute that does not exist. */
export type Attributes = ReadonlyMap<string, unknown>;

export interface EffectiveConfig {
  readonly modelType: string;
  /** Of the file as a whole. */
  readonly top: Attributes;
  /** Of the language model inside, or of the whole. */
  readonly backbone: Attributes;
  /** `rope_theta` is written as an integer. */
  readonly thetaIsInteger: boolean;
}

/** Base of rotary positions where an architecture states no other. */
const THETA = 10_000;

/**
 * @param bytes of `config.json`
 * @throws AppError FORMAT_* of `parseStrictJson`; FORMAT_MISSING_FIELD {key}; FORMAT_UNKNOWN_TYPE {type} for an
 *   architecture that is not in the table
 */
export async function readConfig(bytes: Uint8Array): Promise<EffectiveConfig> {
  const tree = parseStrictJson(bytes, 'config.json');
  const file = plain(tree);
  if (!isObject(file)) throw new AppError('FORMAT_JSON_SHAPE', { path: 'config.json', expected: 'an object' });
  const { default: table } = (await import('./config-table.json')) as { default: Readonly<Record<string, TypeRow>> };
  const modelType = file['model_type'];
  if (typeof modelType !== 'string')
    throw new AppError('FORMAT_MISSING_FIELD', { path: 'config.json', key: 'model_type' });
  const row = rowOf(table, modelType);
  const top = attributes(file, row.sub === undefined ? row : {});
  const theta = tree instanceof Map ? (tree as ReadonlyMap<string, JsonValue>).get('rope_theta') : undefined;
  const own = top.get('hidden_size');
  if (row.sub === undefined || (typeof own === 'number' && own !== 0)) {
    return { modelType, top, backbone: top, thetaIsInteger: typeof theta === 'number' };
  }
  const part = file[row.sub];
  // A part that the file does not mention is what the whole architecture makes of it.
  if (!isObject(part) && row.defaults !== undefined) {
    const backbone = new Map<string, unknown>(Object.entries(row.defaults));
    return { modelType, top, backbone, thetaIsInteger: typeof theta === 'number' };
  }
  const inner = isObject(part) ? part : {};
  const innerType = typeof inner['model_type'] === 'string' ? inner['model_type'] : row.subType!;
  return {
    modelType,
    top,
    backbone: attributes(inner, rowOf(table, innerType)),
    thetaIsInteger: typeof theta === 'number',
  };
}

function rowOf(table: Readonly<Record<string, TypeRow>>, type: string): TypeRow {
  const row = Object.hasOwn(table, type) ? table[type] : undefined;
  if (row === undefined) throw new AppError('FORMAT_UNKNOWN_TYPE', { path: 'config.json', type });
  return row;
}

function attributes(file: Plain, { map = {}, flags = '', rope, defaults = {} }: TypeRow): Attributes {
  const out = new Map<string, unknown>(Object.entries(defaults));
  for (const [key, value] of Object.entries(file)) out.set(key, value);
  for (const [name, stored] of Object.entries(map)) {
    // Under its canonical name a field is set last.
    if (Object.hasOwn(file, stored) && !Object.hasOwn(file, name)) out.set(name, file[stored]);
  }
  if (flags.includes('w')) out.set('tie_word_embeddings', defaults['tie_word_embeddings']);
  setRope(out, file, rope, flags);
  const names = (name: string): string[] => [name, map[name] ?? name];
  const stated = (name: string): unknown =>
    names(name)
      .map((key) => file[key])
      .find((value) => value !== undefined);
  const heads = out.get('num_attention_heads');
  const width = out.get('hidden_size');
  const missing = (name: string, whenAbsent: string, whenNull: string): boolean => {
    const value = stated(name);
    return (
      (value === undefined && flags.includes(whenAbsent)) ||
      (value === null && (flags.includes(whenNull) || flags.includes(whenAbsent)))
    );
  };
  if (missing('num_key_value_heads', 'k', 'n')) out.set('num_key_value_heads', heads);
  if (missing('head_dim', 'h', 'H') && typeof width === 'number' && typeof heads === 'number' && heads > 0) {
    out.set('head_dim', Math.floor((width * (flags.includes('d') ? 2 : 1)) / heads));
  }
  if (flags.includes('f') && stated('head_dim') === null) out.set('head_dim', defaults['head_dim']);
  if (flags.includes('i') && stated('intermediate_size') === undefined && typeof width === 'number') {
    out.set('intermediate_size', 4 * width);
  }
  return out;
}

/** transformers 5 holds everything about rotary positions in one dictionary, for most types the base as well. */
function setRope(out: Map<string, unknown>, file: Plain, rope: Plain | null | undefined, flags: string): void {
  out.delete('rope_parameters');
  const both = isTruthy(file['rope_scaling']) && isTruthy(file['rope_theta']);
  if (rope === undefined && !both) {
    const stated = file['rope_parameters'] ?? file['rope_scaling'];
    if (isObject(stated))
      out.set('rope_scaling', { ...stated, rope_type: stated['rope_type'] ?? stated['type'] ?? 'default' });
    return;
  }
  const given = [file['rope_scaling'], file['rope_parameters']].find(isTruthy);
  const moves = flags.includes('r') || rope === undefined;
  if (given === undefined && !isTruthy(rope) && !moves) {
    out.set('rope_scaling', rope);
    return;
  }
  const theta = moves ? (file['rope_theta'] ?? (isObject(rope) ? rope['rope_theta'] : undefined) ?? THETA) : undefined;
  const base = isObject(given) ? given : { ...rope, ...(flags.includes('t') ? { rope_theta: theta } : {}) };
  if (moves) out.delete('rope_theta');
  const factor = file['partial_rotary_factor'] ?? (isObject(rope) ? rope['partial_rotary_factor'] : undefined);
  const finish = (parameters: Plain): Plain => {
    const done: Record<string, unknown> = { ...parameters };
    done['rope_type'] ??= done['type'] ?? 'default';
    done['rope_theta'] ??= theta ?? null;
    if (factor !== undefined && factor !== null) done['partial_rotary_factor'] ??= factor;
    if (['llama3', 'yarn', 'longrope'].includes(String(done['rope_type']))) {
      const original = out.get('original_max_position_embeddings');
      if (original !== undefined) done['original_max_position_embeddings'] = original;
      else done['original_max_position_embeddings'] ??= out.get('max_position_embeddings');
    }
    return done;
  };
  // By kind of layer: each kind has its own dictionary.
  const nested =
    Object.values(base).length > 0 && Object.values(base).every((value) => value === null || isObject(value));
  const set = nested
    ? Object.fromEntries(Object.entries(base).map(([kind, one]) => [kind, isObject(one) ? finish(one) : one]))
    : finish(base);
  out.set('rope_scaling', set);
}

function isTruthy(value: unknown): boolean {
  if (Array.isArray(value)) return value.length > 0;
  if (isObject(value)) return Object.keys(value).length > 0;
  return Boolean(value);
}

export function isObject(value: unknown): value is Plain {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Maps as records without a prototype, numbers as doubles. */
function plain(value: JsonValue): unknown {
  if (value instanceof JsonNumber) return Number(value.text);
  if (value instanceof Map) {
    const out = Object.create(null) as Record<string, unknown>;
    for (const [key, inner] of value as ReadonlyMap<string, JsonValue>) out[key] = plain(inner);
    return out;
  }
  return Array.isArray(value) ? value.map((item: JsonValue) => plain(item)) : value;
}
