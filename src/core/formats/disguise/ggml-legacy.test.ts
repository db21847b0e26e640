import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { explainNotAModel } from '../../report/words/not-a-model.ts';
import { ggmlLegacy } from './ggml-legacy.ts';

function file(magic: string, words: readonly number[], ...rest: readonly Uint8Array[]): Uint8Array {
  const numbers = new Uint8Array(4 * words.length);
  words.forEach((word, i) => new DataView(numbers.buffer).setUint32(4 * i, word, true));
  return new Uint8Array(Buffer.concat([Buffer.from(magic, 'latin1'), numbers, ...rest]));
}

/** Tokens as they are stored: length, bytes, and a score where the form has one. */
const tokens = (texts: readonly string[], scores: boolean): Uint8Array =>
  new Uint8Array(
    Buffer.concat(
      texts.map((text) => {
        const length = Buffer.alloc(4);
        length.writeUInt32LE(text.length);
        return Buffer.concat([length, Buffer.from(text), Buffer.alloc(scores ? 4 : 0)]);
      }),
    ),
  );

const LLAMA = [32_000, 4096, 256, 32, 32, 128, 2];
const stated = { layout: 'llama', vocabulary: 32_000, width: 4096, layers: 32, heads: 32, fileType: 2 };

describe('GGML before GGUF', () => {
  it.each([
    ['ggml', file('lmgg', LLAMA, tokens(['<unk>', '<s>', '</s>'], false)), { magic: 'ggml', ...stated }],
    ['ggmf', file('fmgg', [1, ...LLAMA], tokens(['<unk>', ''], true)), { magic: 'ggmf', version: 1, ...stated }],
    ['ggjt', file('tjgg', [3, ...LLAMA], tokens(['<unk>', 'a'], true)), { magic: 'ggjt', version: 3, ...stated }],
    [
      'whisper',
      file('lmgg', [51_864, 1500, 384, 6, 4, 448, 384, 6, 4, 80, 1], new Uint8Array(400)),
      { magic: 'ggml', layout: 'whisper', vocabulary: 51_864, width: 384, layers: 8, heads: 6, fileType: 1 },
    ],
    ['ggla', file('algg', [1, 8, 16]), { magic: 'ggla', version: 1, layout: 'lora', rank: 8, alpha: 16 }],
  ])('%s is recognised with what its header states', (_form, bytes, detail) => {
    expect(ggmlLegacy(bytes)).toEqual({ kind: 'ggml-legacy', detail });
  });

  it('states nothing about a vocabulary whose tokens are not in order', () => {
    const noise = file('tjgg', [3, ...LLAMA], new Uint8Array(100).fill(0xee));
    expect(ggmlLegacy(noise)?.detail).toEqual({ magic: 'ggjt', version: 3 });
    expect(ggmlLegacy(file('tjgg', [1], new Uint8Array(56)))?.detail).toEqual({ magic: 'ggjt', version: 1 });
  });

  it('is told in words: recognised, not decoded', () => {
    const found = ggmlLegacy(file('tjgg', [3, ...LLAMA], tokens(['<unk>'], true)))!;
    const { title, why } = explainNotAModel(found, 1e9);
    expect(title).toBe('is in the old GGML form (ggjt version 3) that came before GGUF');
    expect(why).toBe(
      'Its header states a LLaMA-like model with 32,000 tokens and 32 layers. Current programs no longer load it. It is recognised and hashed, its tensors are not decoded.',
    );
  });

  it('never throws, whatever follows the magic', () => {
    const magic = fc.constantFrom('lmgg', 'fmgg', 'tjgg', 'algg');
    fc.assert(
      fc.property(magic, fc.uint8Array({ maxLength: 200 }), (text, rest) => {
        expect(ggmlLegacy(file(text, [], rest))?.kind).toBe('ggml-legacy');
      }),
    );
    expect(ggmlLegacy(new Uint8Array(0))).toBeNull();
  });
});
