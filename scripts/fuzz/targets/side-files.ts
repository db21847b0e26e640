/** Files beside the weights: configurations, tokenizers, templates, cards, programs, indexes. */
import { MemorySource } from '../../../src/core/bytes/memory.ts';
import { templateNotes } from '../../../src/core/content/templates.ts';
import { judgeSets } from '../../../src/core/formats/set.ts';
import { inspectSideFile } from '../../../src/core/formats/side-files.ts';
import { readConfig } from '../../../src/core/signals/mpk/config.ts';
import { metadataFingerprint } from '../../../src/core/signals/mpk/metadata.ts';
import { loadTokenizer } from '../../../src/core/signals/mpk/tokenizer/load.ts';
import { textSeed } from '../corpus.ts';
import type { Target } from '../target.ts';

const JINJA_WORDS = [
  '{{ ', ' }}', '{%- if x %}', '{% endif %}', '{% set a = ', '{% for i in range(10**9) %}', '{% include "a" %}', '{# ',
  '.__class__.__mro__', "|attr('__globals__')", "['__init__']", '\\x5f\\x5f', 'lipsum', 'cycler.__init__', "'", '"', '~',
  '{% raw %}', '{% endraw %}', '|map(attribute=', 'namespace(', '%}',
]; // prettier-ignore
const REGEX_WORDS = ['(a+)+$', '(?:a|a)*', '[^a]{1,999}', '(?<=', '\\p{L}', '(.*)*', '\\', '{2147483648}'];
const YAML_WORDS = ['---\n', '- ', 'a: b\n', '&x', '*x', '!!python/object/apply:os.system', '|', '>', '\t', '"', '# '];

const SENTENCEPIECE =
  '\n\x0e\n\x05<unk>\x15\0\0\0\0\x18\x02\n\x07\n\x03<s>\x18\x03\n\x0a\n\x03abc\x15\0\0\0\0\x1a\x0a\n\x08nmt_nfkc';

/** A side file under the name that decides how it is read. */
function sideFile(
  id: string,
  name: string,
  pattern: RegExp,
  words: readonly string[],
  own: readonly string[] = [],
): Target {
  return {
    id,
    words,
    seeds: (corpus) => [
      ...own.map((text) => textSeed(text)),
      ...(own.length > 0 ? [] : corpus.named(pattern)),
      ...(own.length > 0 ? optional(() => corpus.named(pattern)) : []),
    ],
    refuses: /^FORMAT_/,
    run: async (bytes) =>
      structuredClone(await inspectSideFile(new MemorySource(name, bytes), bytes.subarray(0, 4096))),
  };
}

function optional<T>(find: () => readonly T[]): readonly T[] {
  try {
    return find();
  } catch {
    return [];
  }
}

const TOKENIZER_JSON = JSON.stringify({
  version: '1.0',
  added_tokens: [{ id: 0, content: '<unk>', special: true, single_word: false, lstrip: false, rstrip: false, normalized: false }],
  normalizer: { type: 'Sequence', normalizers: [{ type: 'Replace', pattern: { Regex: ' {2,}' }, content: '▁' }, { type: 'NFKC' }] },
  pre_tokenizer: { type: 'Split', pattern: { Regex: '\\p{N}{1,3}| ?[^\\s]+' }, behavior: 'Isolated', invert: false },
  post_processor: { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true },
  decoder: { type: 'ByteLevel' },
  model: { type: 'BPE', unk_token: '<unk>', vocab: { '<unk>': 0, a: 1, b: 2, ab: 3, ' ': 4 }, merges: [['a', 'b']] },
}); // prettier-ignore
const CONFIG_JSON = JSON.stringify({
  model_type: 'llama',
  architectures: ['LlamaForCausalLM'],
  hidden_size: 64,
  num_hidden_layers: 2,
  num_attention_heads: 4,
  num_key_value_heads: 2,
  intermediate_size: 128,
  vocab_size: 320,
  max_position_embeddings: 128,
  rope_scaling: { type: 'linear', factor: 2 },
  rope_theta: 10000,
  tie_word_embeddings: false,
  auto_map: { AutoModel: 'other/repo--modeling.Net' },
});
const TEMPLATE =
  "{% for m in messages %}{{ '<|' + m['role'] + '|>' + m.content | trim }}{% endfor %}{%- if x -%}y{% endif %}";
const TOKENIZER_CONFIG = JSON.stringify({
  tokenizer_class: 'LlamaTokenizerFast',
  chat_template: [{ name: 'default', template: TEMPLATE }, { name: 'tool_use', template: '{{ tools | tojson }}' }],
  added_tokens_decoder: { 0: { content: '<unk>', special: true } },
  bos_token: { content: '<s>', __type: 'AddedToken' },
}); // prettier-ignore
const CARD = '---\nlicense: mit\nbase_model:\n  - org/name\ntags: [a, b]\n---\n# Model\n\n```python\nimport os\n```\n';
const INDEX = JSON.stringify({
  metadata: { total_size: 96 },
  weight_map: { a: 'model-00001-of-00002.safetensors', b: 'model-00002-of-00002.safetensors' },
});

export const SIDE_FILES: readonly Target[] = [
  sideFile(
    'config-json',
    'config.json',
    /(?:^|\/)config\.json$/,
    ['"auto_map":', '"trust_remote_code":true', '..'],
    [CONFIG_JSON],
  ),
  sideFile('tokenizer-json', 'tokenizer.json', /tokenizer\.json$/, REGEX_WORDS, [TOKENIZER_JSON]),
  sideFile('tokenizer-config', 'tokenizer_config.json', /tokenizer_config\.json$/, JINJA_WORDS, [TOKENIZER_CONFIG]),
  sideFile(
    'side-json',
    'model_index.json',
    /\.json$/,
    ['"_class_name":', '"custom_pipelines"', '"type":'],
    ['{"_class_name":"A","unet":["d","U"]}'],
  ),
  sideFile('side-yaml', 'config.yaml', /\.ya?ml$/, YAML_WORDS, [
    'a: 1\nb:\n  - !!python/object:os.x {}\n  - &a "x"\nc: *a\n',
    CARD,
  ]),
  sideFile('model-card', 'README.md', /\.md$/, YAML_WORDS, [CARD]),
  sideFile(
    'python-file',
    'modeling_x.py',
    /\.py$/,
    ['import os', 'exec(', '"""', '\\\n', 'eval('],
    ['import os\n\n\ndef f():\n    """x"""\n    exec("a")\n'],
  ),
  sideFile(
    'sentencepiece',
    'tokenizer.model',
    /tokenizer\.model$|spiece\.model$/,
    ['<s>', '\x1a\x02'],
    [SENTENCEPIECE],
  ),
  {
    id: 'jinja',
    seeds: (corpus) => [textSeed(TEMPLATE), ...optional(() => corpus.named(/\.jinja2?$/))],
    words: JINJA_WORDS,
    refuses: /^FORMAT_/,
    run: async (bytes) => templateNotes(new TextDecoder().decode(bytes)),
  },
  {
    id: 'weight-index',
    seeds: (corpus) => [textSeed(INDEX), ...optional(() => corpus.named(/\.index\.json$/))],
    words: ['"../x"', '"model-00001-of-99999.safetensors"', '"/etc"', '"C:\\\\x"'],
    refuses: /^FORMAT_/,
    run: async (bytes) => {
      const members = [1, 2].map((part) => ({ path: `model-0000${part}-of-00002.safetensors` }));
      const sizes = new Map(members.map(({ path }) => [path, 100]));
      for (const path of ['model.safetensors.index.json', 'pytorch_model.bin.index.json']) {
        structuredClone(judgeSets(members, [{ path, bytes }], sizes));
      }
    },
  },
  {
    id: 'model-config',
    seeds: (corpus) => [textSeed(CONFIG_JSON), ...optional(() => corpus.named(/(?:^|\/)config\.json$/))],
    words: ['"text_config":{', '"model_type":"t5"', '"num_attention_heads":0', '1e999', '"rope_parameters":'],
    refuses: /^(?:FORMAT|SIGNAL)_/,
    run: async (bytes) => metadataFingerprint(await readConfig(bytes), { bos: 1, eos: 2, hash: '' }),
  },
  tokenizer('tokenizer-load', 'tokenizer.json', 'llama', [TOKENIZER_JSON], /(?:^|\/)tokenizer\.json$/),
  tokenizer('tokenizer-settings', 'tokenizer_config.json', 'qwen2', [TOKENIZER_CONFIG], /tokenizer_config\.json$/),
  tokenizer('tokenizer-merges', 'merges.txt', 'gpt2', ['#version: 0.2\na b\nab c\n'], /merges\.txt$/, {
    'vocab.json': '{"a":0,"b":1,"ab":2,"c":3,"abc":4}',
  }),
  tokenizer('tokenizer-model', 'tokenizer.model', 'llama', [SENTENCEPIECE], /tokenizer\.model$|spiece\.model$/, {
    'tokenizer_config.json': '{"tokenizer_class":"LlamaTokenizer"}',
  }),
  tokenizer('tokenizer-vocab', 'vocab.txt', 'esm', ['<cls>\n<pad>\n<eos>\n<unk>\nL\nA\n<mask>\n'], /vocab\.txt$/),
];

/** The tokenizer as the lineage signals load it, one of its files changed and the others whole. */
function tokenizer(
  id: string,
  name: string,
  modelType: string,
  own: readonly string[],
  pattern: RegExp,
  files: Readonly<Record<string, string>> = { 'tokenizer.json': TOKENIZER_JSON },
): Target {
  const whole = new Map(Object.entries({ 'tokenizer_config.json': '{}', ...files }));
  return {
    id,
    seeds: (corpus) => [...own.map((text) => textSeed(text)), ...optional(() => corpus.named(pattern))],
    words: [
      ...REGEX_WORDS,
      '"type":"WordPiece"',
      '"type":"Unigram"',
      '"merges":["a b"]',
      '"precompiled_charsmap":"AAAA"',
    ],
    refuses: /^(?:FORMAT|SIGNAL)_/,
    async run(bytes) {
      const loaded = await loadTokenizer(modelType, null, async (asked) => {
        if (asked === name) return bytes;
        const text = whole.get(asked);
        return text === undefined ? null : new TextEncoder().encode(text);
      });
      loaded.firstId('hello');
    },
  };
}
