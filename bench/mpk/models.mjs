/** Two models of a given size: Llama's names and shapes, random BF16, the tokenizer of fixtures/signals/llama. */
import { closeSync, copyFileSync, mkdirSync, openSync, readFileSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../../scripts/run.mjs';

const fixture = join(root, 'fixtures/signals/llama');
/** MB → width, inner width, layers, vocabulary. */
const SHAPES = {
  25: [256, 688, 4, 16_000],
  500: [1024, 2816, 14, 32_000],
  2000: [2048, 5632, 19, 32_000],
};
const BLOCK = 8 * 1024 * 1024;

/** @returns {number} bytes of one model's weights */
export function writePair(folder, megabytes) {
  const [width, inner, layers, vocabulary] = SHAPES[megabytes];
  let bytes = 0;
  for (const name of ['a', 'b']) {
    const model = join(folder, name);
    mkdirSync(model, { recursive: true });
    for (const file of ['tokenizer.json', 'tokenizer_config.json'])
      copyFileSync(join(fixture, file), join(model, file));
    const config = JSON.parse(readFileSync(join(fixture, 'config.json'), 'utf8'));
    Object.assign(config, {
      dtype: 'bfloat16',
      hidden_size: width,
      intermediate_size: inner,
      num_hidden_layers: layers,
      num_attention_heads: width / 64,
      num_key_value_heads: width / 256,
      head_dim: 64,
      vocab_size: vocabulary,
    });
    writeFileSync(join(model, 'config.json'), JSON.stringify(config));
    bytes = writeWeights(
      join(model, 'model.safetensors'),
      tensors(width, inner, layers, vocabulary),
      name === 'a' ? 1 : 2,
    );
  }
  return bytes;
}

function tensors(width, inner, layers, vocabulary) {
  const list = [
    ['lm_head.weight', [vocabulary, width]],
    ['model.embed_tokens.weight', [vocabulary, width]],
    ['model.norm.weight', [width]],
  ];
  for (let layer = 0; layer < layers; layer++) {
    const part = (name, shape) => list.push([`model.layers.${layer}.${name}.weight`, shape]);
    part('input_layernorm', [width]);
    part('post_attention_layernorm', [width]);
    part('mlp.down_proj', [width, inner]);
    part('mlp.gate_proj', [inner, width]);
    part('mlp.up_proj', [inner, width]);
    part('self_attn.k_proj', [width / 4, width]);
    part('self_attn.o_proj', [width, width]);
    part('self_attn.q_proj', [width, width]);
    part('self_attn.v_proj', [width / 4, width]);
  }
  return list.sort(([a], [b]) => (a < b ? -1 : 1));
}

function writeWeights(path, list, seed) {
  const header = { __metadata__: { format: 'pt' } };
  let at = 0;
  for (const [name, shape] of list) {
    const length = 2 * shape.reduce((product, n) => product * n, 1);
    header[name] = { dtype: 'BF16', shape, data_offsets: [at, at + length] };
    at += length;
  }
  let json = JSON.stringify(header);
  json += ' '.repeat((8 - (json.length % 8)) % 8);
  const file = openSync(path, 'w');
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length));
  writeSync(file, length);
  writeSync(file, json);
  // Layers of different weight: with layers alike a correlation over them would show nothing but rounding.
  const blocks = Array.from({ length: 6 }, (_, i) => random(seed + 10 * i, 112 + i));
  for (const [i, [name, shape]] of list.entries()) {
    const layer = Number(/layers[.](\d+)/.exec(name)?.[1] ?? 0);
    const block = blocks[(layer * 5 + (layer >> 2)) % blocks.length];
    let left = 2 * shape.reduce((product, n) => product * n, 1);
    for (let from = (i * 99_991 * 2) % BLOCK; left > 0; from = 0) {
      const length = Math.min(left, BLOCK - from);
      writeSync(file, block, from, length);
      left -= length;
    }
  }
  closeSync(file);
  return at;
}

/** @param exponent of the smallest numbers, biased by 127 */
function random(seed, exponent) {
  const values = new Uint16Array(BLOCK / 2);
  let state = seed;
  for (let i = 0; i < values.length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    // BF16: sign, one of five exponents, seven bits of fraction.
    values[i] = ((state >>> 31) << 15) | ((exponent + ((state >>> 20) % 5)) << 7) | ((state >>> 8) & 127);
  }
  return Buffer.from(values.buffer);
}
