/** Small models written for the tests of the Contents screen. */
import { GgufWriter, writeSafetensors, type WrittenTensor } from '../src/core/formats/writers.suite.ts';

/** A file as Playwright gives it to an input. */
export interface Given {
  readonly name: string;
  readonly mimeType: string;
  readonly buffer: Buffer;
}
export const given = (name: string, bytes: Uint8Array): Given => ({
  name,
  mimeType: 'application/octet-stream',
  buffer: Buffer.from(bytes),
});
export const floats = (values: readonly number[]): Uint8Array => new Uint8Array(Float32Array.from(values).buffer);

/** 20,000 tensors of one value, and one whose values are known: 500 zeros, then -2.00, -1.99 … 2.99. */
export const MANY = given(
  'many.safetensors',
  writeSafetensors([
    ...Array.from({ length: 20_000 }, (_, i): WrittenTensor => ({
      name: `model.layers.${i}.mlp.weight`,
      dtype: i % 4 === 3 ? 'I32' : 'F32',
      shape: [1],
      bytes: new Uint8Array(4),
    })),
    {
      name: 'known.weight',
      dtype: 'F32',
      shape: [10, 100],
      bytes: floats(Array.from({ length: 1000 }, (_, i) => (i < 500 ? 0 : (i - 700) / 100))),
    },
  ]),
);

const TEMPLATE =
  "{%- for message in messages %}\n{{ message['role'] }}\n{%- if message.__class__ %}x{% endif %}\n{%- endfor %}\nend\u202e";

/** A gap of 1,024 bytes before the last tensor; a template with an escape and a reordering mark; 300 tokens. */
function ggufWithGap(): Given {
  const w = new GgufWriter();
  const filled = (name: string): WrittenTensor => ({
    name,
    dtype: 'F32',
    shape: [4, 32],
    bytes: floats(Array.from({ length: 128 }, (_, i) => i)),
  });
  const gap = { name: 'gap', dtype: 'F32', shape: [256], bytes: new Uint8Array(1024).fill(0x41) };
  const bytes = w.file(
    [
      ['general.architecture', w.value('STRING', 'llama')],
      ['general.name', w.value('STRING', 'Name \u202eexe.txt')],
      ['tokenizer.ggml.model', w.value('STRING', 'gpt2')],
      [
        'tokenizer.ggml.tokens',
        w.array(
          'STRING',
          Array.from({ length: 300 }, (_, i) => `tok${i}`),
        ),
      ],
      ['tokenizer.ggml.eos_token_id', w.value('UINT32', 5)],
      ['tokenizer.chat_template', w.value('STRING', TEMPLATE)],
    ],
    [filled('blk.0.a'), filled('blk.0.b'), gap, filled('blk.0.c')],
  );
  return given('gap.gguf', withoutInfo(bytes, w, 'gap'));
}

/** Takes a tensor out of the table without moving the bytes: what it held belongs to nothing then. */
function withoutInfo(bytes: Uint8Array, w: GgufWriter, name: string): Uint8Array {
  const info = w.info(name, [256], 0, 1024);
  const at = Buffer.from(bytes).indexOf(info);
  const dataStart = bytes.length - (3 * 512 + 1024);
  const table = Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + info.length, dataStart)]);
  // 3 tensors instead of 4; the table is filled up to the alignment again.
  table.writeUInt32LE(3, 8);
  const padding = (32 - (table.length % 32)) % 32;
  return Buffer.concat([table, Buffer.alloc(padding), bytes.subarray(dataStart)]);
}
export const GAP = ggufWithGap();
