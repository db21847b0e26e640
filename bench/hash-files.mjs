/** Synthetic safetensors files shaped like a small Llama: a few hundred tensors from 4 kB to some 100 MB. */
import { randomFillSync } from 'node:crypto';
import { closeSync, openSync, writeSync } from 'node:fs';

const HIDDEN = 2048;
const FFN = 5632;
const BF16 = 2;
const CHUNK = 16 * 1024 * 1024;

const sizeOf = (shape) => shape.reduce((a, b) => a * b, BF16);
const total = (shapes) => Object.values(shapes).reduce((sum, shape) => sum + sizeOf(shape), 0);

function layer(i) {
  const at = `model.layers.${i}`;
  const shapes = { [`${at}.input_layernorm.weight`]: [HIDDEN], [`${at}.post_attention_layernorm.weight`]: [HIDDEN] };
  for (const part of 'qkvo') shapes[`${at}.self_attn.${part}_proj.weight`] = [HIDDEN, HIDDEN];
  for (const part of ['gate', 'up']) shapes[`${at}.mlp.${part}_proj.weight`] = [FFN, HIDDEN];
  shapes[`${at}.mlp.down_proj.weight`] = [HIDDEN, FFN];
  return shapes;
}

/** @returns {Record<string, number[]>} shapes by name, about `bytes` bytes in all */
function shapesOf(bytes) {
  const shapes = { 'model.embed_tokens.weight': [32_000, HIDDEN], 'model.norm.weight': [HIDDEN] };
  const layers = Math.max(0, Math.floor((bytes - total(shapes)) / total(layer(0))) - 1);
  for (let i = 0; i < layers; i++) Object.assign(shapes, layer(i));
  const rest = Math.floor((bytes - total(shapes)) / sizeOf([HIDDEN]));
  if (rest > 0) shapes['lm_head.weight'] = [rest, HIDDEN];
  return shapes;
}

/** Writes one file of about `bytes` bytes of noise. @returns {number} tensors in it */
export function writeModel(path, bytes) {
  const header = { __metadata__: { format: 'pt' } };
  let end = 0;
  for (const [name, shape] of Object.entries(shapesOf(bytes))) {
    const start = end;
    end += sizeOf(shape);
    header[name] = { dtype: 'BF16', shape, data_offsets: [start, end] };
  }
  const json = JSON.stringify(header);
  const padded = json.padEnd(Math.ceil(json.length / 8) * 8, ' ');
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(padded.length));
  const file = openSync(path, 'w');
  writeSync(file, length);
  writeSync(file, padded);
  const noise = randomFillSync(Buffer.alloc(CHUNK));
  for (let left = end; left > 0; left -= CHUNK) {
    noise.writeUInt32LE(left % 2 ** 32);
    writeSync(file, noise, 0, Math.min(left, CHUNK));
  }
  closeSync(file);
  return Object.keys(header).length - 1;
}
