/** How each class of transformers 5.18 builds its tokenizer around a vocabulary. */
import type { Model, Part } from './backend.ts';
import { byteLevel, metaspace, replace, template } from './parts.ts';

/** Settings of `tokenizer_config.json`. */
export type Settings = Readonly<Record<string, unknown>>;

export interface Vocabulary {
  readonly tokens: ReadonlyMap<string, number>;
  /** Unigram only. */
  readonly scores: readonly (readonly [string, number])[];
  readonly merges: readonly (readonly [string, string])[];
  /** SentencePiece's own table of replacements, base64, when the file has one. */
  readonly charsmap: string | null;
}

export interface Built {
  readonly normalizer: Part;
  readonly pre_tokenizer: Part;
  readonly decoder: Part;
  readonly model: Model;
}

export type Named = Readonly<Record<string, string | null>>;
/** Token text → id. */
export type Ids = (token: string) => number;

export interface Recipe {
  /** Special tokens that hold when nothing is stated. */
  readonly named: Named;
  build(vocabulary: Vocabulary, settings: Settings, named: Named): Built;
  /** A post-processor of its own, which takes the place of the file's. */
  post?(named: Named, ids: Ids, settings: Settings): Part;
}

const isOn = (settings: Settings, key: string, otherwise: boolean): boolean =>
  typeof settings[key] === 'boolean' ? settings[key] : otherwise;

function bpe(vocabulary: Vocabulary, fields: Partial<Extract<Model, { type: 'BPE' }>>): Model {
  return {
    type: 'BPE',
    dropout: null,
    unk_token: null,
    continuing_subword_prefix: null,
    end_of_word_suffix: null,
    fuse_unk: false,
    byte_fallback: false,
    ignore_merges: false,
    ...fields,
    vocab: vocabulary.tokens,
    merges: vocabulary.merges,
  };
}

const byteBpe = (vocabulary: Vocabulary): Model =>
  bpe(vocabulary, { continuing_subword_prefix: '', end_of_word_suffix: '' });
const pieces = (vocabulary: Vocabulary, unk_id: number): Model => ({
  type: 'Unigram',
  unk_id,
  vocab: vocabulary.scores,
  byte_fallback: false,
});
const precompiled = ({ charsmap }: Vocabulary): Part =>
  charsmap === null ? null : { type: 'Precompiled', precompiled_charsmap: charsmap };
const sentencePiece = (scheme: string): Pick<Built, 'pre_tokenizer' | 'decoder'> => ({
  pre_tokenizer: { type: 'Sequence', pretokenizers: [{ type: 'WhitespaceSplit' }, metaspace(scheme, true)] },
  decoder: metaspace(scheme, true),
});
const fallbackDecoder = (strip: boolean): Part => ({
  type: 'Sequence',
  decoders: [
    replace('▁', ' '),
    { type: 'ByteFallback' },
    { type: 'Fuse' },
    ...(strip ? [{ type: 'Strip', content: ' ', start: 1, stop: 0 }] : []),
  ],
});

const gpt2: Recipe = {
  named: { unk_token: '<|endoftext|>', bos_token: '<|endoftext|>', eos_token: '<|endoftext|>', pad_token: null },
  build: (vocabulary, settings) => ({
    normalizer: null,
    pre_tokenizer: byteLevel(isOn(settings, 'add_prefix_space', false), true, true),
    decoder: byteLevel(true, true, true),
    model: byteBpe(vocabulary),
  }),
};

const QWEN2_SPLIT =
  "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";

/** What the general class makes of a `tokenizer.model`. */
export const FROM_SENTENCEPIECE: Recipe = {
  named: { unk_token: '<unk>' },
  build: (vocabulary) => ({
    normalizer: { type: 'Sequence', normalizers: [replace(' ', '▁')] },
    pre_tokenizer: null,
    decoder: fallbackDecoder(false),
    model: bpe(vocabulary, { unk_token: '<unk>', fuse_unk: true, byte_fallback: true }),
  }),
};

export const RECIPES: Readonly<Record<string, Recipe>> = {
  LlamaTokenizer: {
    named: { unk_token: '<unk>', bos_token: '<s>', eos_token: '</s>' },
    build(vocabulary, settings) {
      const prefix = isOn(settings, 'add_prefix_space', true);
      const scheme = !prefix ? 'never' : isOn(settings, 'legacy', false) ? 'always' : 'first';
      return {
        normalizer: null,
        pre_tokenizer: metaspace(scheme, false),
        decoder: fallbackDecoder(prefix),
        model: bpe(vocabulary, { fuse_unk: true, byte_fallback: true }),
      };
    },
  },
  GemmaTokenizer: {
    named: { unk_token: '<unk>', bos_token: '<bos>', eos_token: '<eos>', pad_token: '<pad>', mask_token: '<mask>' },
    build: (vocabulary, _settings, named) => ({
      normalizer: replace(' ', '▁'),
      pre_tokenizer: { type: 'Split', pattern: { String: ' ' }, behavior: 'MergedWithPrevious', invert: false },
      decoder: fallbackDecoder(false),
      model: bpe(vocabulary, { unk_token: named['unk_token'] ?? 'None', fuse_unk: true, byte_fallback: true }),
    }),
  },
  T5Tokenizer: {
    named: { eos_token: '</s>', unk_token: '<unk>', pad_token: '<pad>' },
    build: (vocabulary) => ({
      normalizer: precompiled(vocabulary),
      ...sentencePiece('always'),
      model: pieces(vocabulary, 2),
    }),
    post: (named, ids) =>
      template('$A </s>', '$A </s> $B </s>', new Map([['</s>', ids(named['eos_token'] ?? '</s>')]])),
  },
  XLMRobertaTokenizer: {
    named: {
      bos_token: '<s>',
      eos_token: '</s>',
      sep_token: '</s>',
      cls_token: '<s>',
      unk_token: '<unk>',
      pad_token: '<pad>',
      mask_token: '<mask>',
    },
    build: (vocabulary, settings) => ({
      normalizer: precompiled(vocabulary),
      ...sentencePiece(isOn(settings, 'add_prefix_space', true) ? 'always' : 'never'),
      model: pieces(vocabulary, 3),
    }),
    post(named, ids) {
      const [bos, eos] = [String(named['bos_token']), String(named['eos_token'])];
      const known = new Map([bos, eos].map((token) => [token, ids(token)]));
      return template(`${bos} $A ${eos}`, `${bos} $A ${eos} ${eos} $B ${eos}`, known);
    },
  },
  GPTNeoXTokenizer: {
    named: {
      unk_token: '<|endoftext|>',
      bos_token: '<|endoftext|>',
      eos_token: '<|endoftext|>',
      pad_token: '<|padding|>',
    },
    build: (vocabulary, settings) => ({
      normalizer: { type: 'NFC' },
      pre_tokenizer: byteLevel(isOn(settings, 'add_prefix_space', false), isOn(settings, 'trim_offsets', true), true),
      decoder: byteLevel(true, true, true),
      model: byteBpe(vocabulary),
    }),
    post: beginAndEnd,
  },
  GPT2Tokenizer: gpt2,
  Qwen2Tokenizer: {
    named: { unk_token: '<|endoftext|>', bos_token: null, eos_token: '<|endoftext|>', pad_token: '<|endoftext|>' },
    build: (vocabulary, settings) => ({
      normalizer: { type: 'NFC' },
      pre_tokenizer: {
        type: 'Sequence',
        pretokenizers: [
          { type: 'Split', pattern: { Regex: QWEN2_SPLIT }, behavior: 'Isolated', invert: false },
          byteLevel(isOn(settings, 'add_prefix_space', false), true, false),
        ],
      },
      decoder: byteLevel(true, true, true),
      model: byteBpe(vocabulary),
    }),
  },
  RobertaTokenizer: {
    named: {
      bos_token: '<s>',
      eos_token: '</s>',
      sep_token: '</s>',
      cls_token: '<s>',
      unk_token: '<unk>',
      pad_token: '<pad>',
      mask_token: '<mask>',
    },
    build: gpt2.build,
    post: (named, ids, settings) => ({
      type: 'RobertaProcessing',
      sep: [String(named['sep_token']), ids(String(named['sep_token']))],
      cls: [String(named['cls_token']), ids(String(named['cls_token']))],
      trim_offsets: isOn(settings, 'trim_offsets', true),
      add_prefix_space: isOn(settings, 'add_prefix_space', false),
    }),
  },
  BertTokenizer: {
    named: {
      unk_token: '[UNK]',
      sep_token: '[SEP]',
      pad_token: '[PAD]',
      cls_token: '[CLS]',
      mask_token: '[MASK]',
    },
    build: (vocabulary, settings, named) => ({
      normalizer: {
        type: 'BertNormalizer',
        clean_text: true,
        handle_chinese_chars: isOn(settings, 'tokenize_chinese_chars', true),
        strip_accents: typeof settings['strip_accents'] === 'boolean' ? settings['strip_accents'] : null,
        lowercase: isOn(settings, 'do_lower_case', true),
      },
      pre_tokenizer: { type: 'BertPreTokenizer' },
      decoder: { type: 'WordPiece', prefix: '##', cleanup: true },
      model: {
        type: 'WordPiece',
        unk_token: String(named['unk_token']),
        continuing_subword_prefix: '##',
        max_input_chars_per_word: 100,
        vocab: vocabulary.tokens,
      },
    }),
    post(named, ids) {
      const [cls, sep] = [String(named['cls_token']), String(named['sep_token'])];
      const known = new Map([cls, sep].map((token) => [token, ids(token)]));
      return template(`${cls}:0 $A:0 ${sep}:0`, `${cls}:0 $A:0 ${sep}:0 $B:1 ${sep}:1`, known);
    },
  },
};

/** The post-processor of a tokenizer that has none: what `add_bos_token` and `add_eos_token` ask for. */
export function beginAndEnd(named: Named, ids: Ids, settings: Settings): Part {
  const bos = isOn(settings, 'add_bos_token', false) ? (named['bos_token'] ?? null) : null;
  const eos = isOn(settings, 'add_eos_token', false) ? (named['eos_token'] ?? null) : null;
  const known = new Map([bos, eos].flatMap((token) => (token === null ? [] : [[token, ids(token)] as const])));
  const single = [...(bos === null ? [] : [`${bos}:0`]), '$A:0', ...(eos === null ? [] : [`${eos}:0`])].join(' ');
  const second = [...(bos === null ? [] : [`${bos}:1`]), '$B:1', ...(eos === null ? [] : [`${eos}:1`])].join(' ');
  return template(single, `${single} ${second}`, known);
}
