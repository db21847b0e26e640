/** Parts of a tokenizer in the order and with the defaults in which the tokenizers library writes them. */
import type { Part } from './backend.ts';

const NONE = Symbol('no default');
type Fields = readonly (readonly [name: string, otherwise: unknown])[];

/** Fields of each type of part, with what a file that lacks them means. */
const FIELDS: Readonly<Record<string, Fields>> = {
  Sequence: [
    ['normalizers', NONE],
    ['pretokenizers', NONE],
    ['processors', NONE],
    ['decoders', NONE],
  ],
  BertNormalizer: [
    ['clean_text', true],
    ['handle_chinese_chars', true],
    ['strip_accents', null],
    ['lowercase', true],
  ],
  Strip: [
    ['strip_left', NONE],
    ['strip_right', NONE],
    ['content', NONE],
    ['start', NONE],
    ['stop', NONE],
  ],
  Prepend: [['prepend', NONE]],
  Replace: [
    ['pattern', NONE],
    ['content', NONE],
  ],
  Precompiled: [['precompiled_charsmap', NONE]],
  ByteLevel: [
    ['add_prefix_space', NONE],
    ['trim_offsets', NONE],
    ['use_regex', true],
  ],
  Metaspace: [
    ['replacement', '▁'],
    ['prepend_scheme', 'always'],
    ['split', true],
  ],
  Split: [
    ['pattern', NONE],
    ['behavior', NONE],
    ['invert', false],
  ],
  Digits: [['individual_digits', false]],
  Punctuation: [['behavior', 'Isolated']],
  CharDelimiterSplit: [['delimiter', NONE]],
  TemplateProcessing: [
    ['single', NONE],
    ['pair', NONE],
    ['special_tokens', NONE],
  ],
  RobertaProcessing: [
    ['sep', NONE],
    ['cls', NONE],
    ['trim_offsets', true],
    ['add_prefix_space', true],
  ],
  BertProcessing: [
    ['sep', NONE],
    ['cls', NONE],
  ],
  WordPiece: [
    ['prefix', NONE],
    ['cleanup', NONE],
  ],
  BPEDecoder: [['suffix', NONE]],
  CTC: [
    ['pad_token', NONE],
    ['word_delimiter_token', NONE],
    ['cleanup', NONE],
  ],
};
const LISTS = ['normalizers', 'pretokenizers', 'processors', 'decoders'];

/** A part as read from a file, as the library would write it again. Unknown types are left as they are. */
export function canonicalPart(given: unknown): Part {
  if (typeof given !== 'object' || given === null) return null;
  const part = given as Readonly<Record<string, unknown>>;
  const type = String(part['type']);
  // A normalizer of type ByteLevel has no fields.
  const fields =
    type === 'ByteLevel' && !('add_prefix_space' in part) ? [] : Object.hasOwn(FIELDS, type) ? FIELDS[type]! : null;
  if (fields === null) return part;
  const out: Record<string, unknown> = { type };
  for (const [name, otherwise] of fields) {
    const value = name in part ? part[name] : name === 'prepend_scheme' ? prependScheme(part) : otherwise;
    if (value === NONE) continue;
    out[name] = LISTS.includes(name) && Array.isArray(value) ? value.map(canonicalPart) : value;
  }
  if (type === 'TemplateProcessing') out['special_tokens'] = sortedKeys(out['special_tokens']);
  return out;
}

/** Before 0.15 the file said `add_prefix_space`. */
function prependScheme(part: Readonly<Record<string, unknown>>): string {
  return part['add_prefix_space'] === false ? 'never' : 'always';
}

function sortedKeys(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Template pieces as text, `<s>:0 $A:0`, as a post-processor. */
export function template(single: string, pair: string, ids: ReadonlyMap<string, number>): Part {
  const pieces = (text: string): unknown[] =>
    text.split(' ').map((piece) => {
      const at = piece.lastIndexOf(':');
      const [id, type_id] = at > 0 ? [piece.slice(0, at), Number(piece.slice(at + 1))] : [piece, 0];
      return id.startsWith('$') ? { Sequence: { id: id.slice(1), type_id } } : { SpecialToken: { id, type_id } };
    });
  const sorted = [...ids].sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    type: 'TemplateProcessing',
    single: pieces(single),
    pair: pieces(pair),
    special_tokens: Object.fromEntries(sorted.map(([token, id]) => [token, { id: token, ids: [id], tokens: [token] }])),
  };
}

export const metaspace = (prepend_scheme: string, split: boolean): Part => ({
  type: 'Metaspace',
  replacement: '▁',
  prepend_scheme,
  split,
});

export const byteLevel = (add_prefix_space: boolean, trim_offsets: boolean, use_regex: boolean): Part => ({
  type: 'ByteLevel',
  add_prefix_space,
  trim_offsets,
  use_regex,
});

export const replace = (from: string, to: string): Part => ({
  type: 'Replace',
  pattern: { String: from },
  content: to,
});
