import { dtypeByName } from '../../tensors/dtypes.ts';
import type { TensorEntry } from '../../tensors/entry.ts';
import type { MetaEntry } from '../format.ts';
import type { Facts, Note } from './consistency.ts';

type Expected = 'text' | 'integer' | 'number' | 'truth' | 'texts' | 'integers' | 'numbers';

/** Value types of well-known keys (ggml/docs/gguf.md, "Standardized key-value pairs"), by the end of the key. */
const EXPECTED: readonly (readonly [key: RegExp, expected: readonly Expected[]])[] = [
  [/^general\.(?:architecture|name|author|version|description|license|type|basename|organization)$/, ['text']],
  [/^general\.(?:quantization_version|file_type)$/, ['integer']],
  [/^(?!general\.|tokenizer\.|split\.)[^.]+\.(?:context_length|block_count|embedding_length)$/, ['integer']],
  // One number, or one for each layer.
  [/^(?!tokenizer\.)[^.]+\.(?:feed_forward_length|attention\.head_count(?:_kv)?)$/, ['integer', 'integers']],
  [/^[^.]+\.(?:expert_count|expert_used_count|rope\.dimension_count|vocab_size)$/, ['integer']],
  [/^[^.]+\.(?:rope\.freq_base|attention\.layer_norm(?:_rms)?_epsilon)$/, ['number']],
  [/^tokenizer\.ggml\.(?:model|pre)$/, ['text']],
  [/^tokenizer\.ggml\.(?:tokens|merges|added_tokens)$/, ['texts']],
  [/^tokenizer\.ggml\.scores$/, ['numbers']],
  [/^tokenizer\.ggml\.token_type$/, ['integers']],
  [/^tokenizer\.ggml\..*_token_id$/, ['integer']],
  [/^tokenizer\.ggml\.add_.*$/, ['truth']],
  [/^tokenizer\.chat_template(?:\..*)?$/, ['text']],
  [/^split\.(?:no|count|tensors\.count)$/, ['integer']],
];

/** Well-known keys whose value is of another kind than every loader expects. */
export function noteTypes(metadata: readonly MetaEntry[], note: Note): void {
  for (const entry of metadata) {
    const expected = EXPECTED.find(([key]) => key.test(entry.key))?.[1];
    if (expected === undefined || expected.some((kind) => isOf(kind, entry))) continue;
    note(entry.key, { stated: entry.type, actual: expected.join(' or ') });
  }
}

function isOf(expected: Expected, { type, value }: MetaEntry): boolean {
  const element = typeof value === 'object' && value !== null && 'elementType' in value ? value.elementType : '';
  switch (expected) {
    case 'text':
      return type === 'STRING';
    case 'integer':
      return isInteger(type);
    case 'number':
      return isInteger(type) || isFloat(type);
    case 'truth':
      return type === 'BOOL';
    case 'texts':
      return element === 'STRING';
    case 'integers':
      return isInteger(element);
    case 'numbers':
      return isFloat(element) || isInteger(element);
  }
}

function isInteger(type: string): boolean {
  return /^U?INT\d+$/.test(type);
}

function isFloat(type: string): boolean {
  return type === 'FLOAT32' || type === 'FLOAT64';
}

/** `general.file_type` (llama.h `enum llama_ftype`): values that promise unquantised weights. */
const PLAIN_FILE_TYPES: ReadonlySet<number> = new Set([0, 1, 32]);
/** Bit 1024 means "guessed". Values above these are not defined. */
const GUESSED = 1024;

/**
 * `general.file_type` against the types that are there. Files mix types by rule, so only the plain contradiction counts:
 * quantisation is promised and nothing is quantised, or no quantisation is promised and some tensor is.
 */
export function notePromisedTypes(facts: Facts, tensors: readonly TensorEntry[], note: Note): void {
  const stated = facts.integer('general.file_type');
  const adapter = facts.text('general.type') === 'adapter';
  if (stated === null || tensors.length === 0 || adapter || (facts.integer('split.count') ?? 1) > 1) return;
  const promisesPlain = PLAIN_FILE_TYPES.has(stated % GUESSED);
  const quantised = tensors.find(({ dtype }) => dtypeByName(dtype)?.kind === 'block');
  if (promisesPlain === (quantised === undefined)) return;
  note('general.file_type', { stated, actual: quantised?.dtype ?? tensors[0]!.dtype });
}
