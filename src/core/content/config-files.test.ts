import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MemorySource } from '../bytes/memory.ts';
import { AppError } from '../errors.ts';
import { configKind, inspectConfig } from './config-files.ts';

async function codes(name: string, content: unknown): Promise<string[]> {
  const text = typeof content === 'string' ? content : JSON.stringify(content);
  const source = new MemorySource(name, new TextEncoder().encode(text));
  return (await inspectConfig(source, configKind(name)!)).map(({ code, severity }) => `${code} ${severity}`);
}

describe('configurations', () => {
  it.each<[string, string, unknown, string[]]>([
    [
      'a plain config',
      'config.json',
      { model_type: 'llama', hidden_size: 64, vocab_size: 100, architectures: ['X'], torch_dtype: 'bfloat16' },
      [],
    ],
    ['sizes per stage', 'config.json', { hidden_size: [64, 128], num_attention_heads: null }, []],
    [
      'ordinary quantisation',
      'config.json',
      { quantization_config: { quant_method: 'gptq', bits: 4, group_size: 128, desc_act: false } },
      [],
    ],
    [
      'groups of columns',
      'config.json',
      { quantization_config: { quant_method: 'awq', bits: 4, group_size: -1, zero_point: true } },
      [],
    ],
    [
      'a path of the trainer’s own machine',
      'config.json',
      { _name_or_path: '/home/someone/model', model_type: 'x' },
      [],
    ],
    [
      'a base model outside the folder',
      'adapter_config.json',
      { base_model_name_or_path: '../../etc' },
      ['path-traversal danger'],
    ],
    ['a file outside', 'genai_config.json', { model: { filename: '/abs/model.onnx' } }, ['path-traversal danger']],
    ['code in the repository', 'config.json', { auto_map: { AutoModel: 'm.X' } }, ['remote-code caution']],
    [
      'code of another repository',
      'config.json',
      { auto_map: { AutoModel: 'o/r--m.X' } },
      ['remote-code caution', 'foreign-repository danger'],
    ],
    ['code deep inside', 'config.json', { text_config: { auto_map: { AutoConfig: 'c.C' } } }, ['remote-code caution']],
    [
      'code behind a repeated key',
      'config.json',
      '{"auto_map": {"AutoModel": "m.X"}, "auto_map": {}}',
      ['duplicate-key caution', 'remote-code caution', 'remote-code caution'],
    ],
    [
      'components of the libraries',
      'model_index.json',
      {
        _class_name: 'P',
        unet: ['diffusers', 'U'],
        text: ['transformers', 'T'],
        safety_checker: [null, null],
        s: ['stable_diffusion', 'S'],
      },
      [],
    ],
    ['a component that is a program', 'model_index.json', { unet: ['os', 'system'] }, ['remote-code danger']],
    [
      'modules of sentence-transformers',
      'modules.json',
      [{ path: '', type: 'sentence_transformers.models.Transformer' }],
      [],
    ],
    [
      'two words, one number',
      'tokenizer.json',
      { model: { vocab: { a: 0, b: 0 } } },
      ['inconsistent-metadata caution'],
    ],
    [
      'an added token with another number',
      'tokenizer.json',
      { added_tokens: [{ id: 7, content: 'a' }], model: { vocab: { a: 0 } } },
      ['inconsistent-metadata caution'],
    ],
    [
      'a word that is a key of JavaScript',
      'tokenizer.json',
      { model: { vocab: { constructor: 0, __proto__x: 1 } } },
      [],
    ],
    [
      'spaces that become marks',
      'tokenizer.json',
      { normalizer: { type: 'Sequence', normalizers: [{ type: 'Replace', pattern: { String: ' ' }, content: '▁' }] } },
      [],
    ],
    [
      'words that become others',
      'tokenizer.json',
      { decoder: { type: 'Sequence', decoders: [{ type: 'Replace', pattern: { String: 'no' }, content: 'yes' }] } },
      ['tokenizer-rewrite danger'],
    ],
    [
      'a template',
      'tokenizer_config.json',
      { chat_template: "{% for m in messages %}{{ m['content'] }}{% endfor %}" },
      [],
    ],
    ['NaN', 'config.json', '{"x": NaN}', ['bad-json caution']],
  ])('%s', async (_what, name, content, expected) => {
    expect(await codes(name, content)).toEqual(expected);
  });
});

describe('model cards, YAML and Python', () => {
  it.each<[string, string, string, string[]]>([
    [
      'an ordinary card',
      'README.md',
      '---\nlicense: mit\ntags:\n- a\n- "b: *c* &d"\n---\n# T\n<div align="center"><img src="x.png" width="50%"></div>\n[a](https://example.org)\n',
      [],
    ],
    ['a card without front matter', 'README.md', '# T\n---\ntext\n', []],
    ['a link that is a program', 'README.md', '[x](javascript:alert(1))', ['injection-text caution']],
    ['an image that is one', 'README.md', '<img src=x onerror=alert(1)>', ['injection-text caution']],
    ['a Python object', 'config.yaml', 'a: !!python/object/apply:os.system ["x"]\n', ['yaml-tag danger']],
    ['standard tags', 'config.yaml', 'a: !!str 1\nb: !!float 2\n', []],
    ['a tag inside a text', 'config.yaml', 'a: "!!python/name:x"  # !!python/name:y\n', []],
    ['aliases', 'config.yaml', 'a: &x [1]\nb: *x\n', ['yaml-alias caution']],
    ['an emphasis that is no alias', 'config.yaml', 'a: *\nb: x *y* z\n', []],
    [
      'ordinary code',
      'modeling_x.py',
      'import torch\nclass X(torch.nn.Module):\n    def eval(self): return self.model.eval()\n',
      ['python-code caution'],
    ],
    ['code that starts programs', 'modeling_x.py', "import os\nos.system('x')\n", ['python-code danger']],
    ['the same in a comment', 'modeling_x.py', "# os.system('x')\n", ['python-code caution']],
  ])('%s', async (_what, name, content, expected) => {
    expect(await codes(name, content)).toEqual(expected);
  });

  it('any text under any name gives findings or a coded error, soon', async () => {
    const noise = fc.string({ unit: fc.constantFrom(...'{}[]",:\\-!&*<>/=()\'# \n.absoryptfile_1'), maxLength: 400 });
    const names = ['config.json', 'tokenizer.json', 'README.md', 'x.yaml', 'x.py', 'x.jinja', 'modules.json'];
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...names), noise, async (name, text) => {
        try {
          await codes(name, text);
        } catch (error) {
          if (!(error instanceof AppError) || !error.code.startsWith('FORMAT_')) throw error;
        }
      }),
      { numRuns: 2000 },
    );
  });

  it.each([
    ['README.md', '<a '.repeat(300_000)],
    ['README.md', `---\n${'&a '.repeat(300_000)}\n---`],
    ['x.yaml', '"'.repeat(500_000)],
    ['x.yaml', '- '.repeat(500_000)],
    ['x.py', 'a'.repeat(3_000_000)],
    ['x.py', 'requests '.repeat(300_000)],
    ['config.json', `{"path": "${'../'.repeat(300_000)}"}`],
  ])('%s with a million odd characters is read in time', async (name, text) => {
    await codes(name, text);
  });
});
