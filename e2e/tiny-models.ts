/** Small models for tests of the built site: the Llama of `fixtures/signals`, whole or with changes. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const LLAMA = join(import.meta.dirname, '../fixtures/signals/llama');

/** Files of one model, as Playwright puts them into an input. */
export interface GivenFile {
  readonly name: string;
  readonly mimeType: string;
  readonly buffer: Buffer;
}

export type Files = Readonly<Record<string, Buffer>>;

export function llama(): Files {
  return Object.fromEntries(readdirSync(LLAMA).map((name) => [name, readFileSync(join(LLAMA, name))]));
}

/** With other bytes in the named tensor's first `count` numbers: each F16 becomes `value`. */
export function withEditedTensor(files: Files, tensor: string, count: number, value = 0x3c00): Files {
  const bytes = Buffer.from(files['model.safetensors']!);
  const length = Number(bytes.readBigUInt64LE(0));
  const header = JSON.parse(bytes.subarray(8, 8 + length).toString()) as Record<
    string,
    { data_offsets: [number, number] }
  >;
  const start = 8 + length + header[tensor]!.data_offsets[0];
  for (let i = 0; i < count; i++) bytes.writeUInt16LE(value, start + 2 * i);
  return { ...files, 'model.safetensors': bytes };
}

/**
 * What the catalogue says of Yi-1.5-6B: with it, the tiny Llama has the configuration of a model that its weights have
 * nothing to do with.
 */
export const YI = {
  hidden_size: 4096,
  num_hidden_layers: 32,
  num_attention_heads: 32,
  num_key_value_heads: 4,
  intermediate_size: 11008,
  vocab_size: 64000,
  max_position_embeddings: 4096,
};

/** With fields of its configuration replaced. */
export function withConfig(files: Files, fields: Readonly<Record<string, unknown>>): Files {
  const config = JSON.parse(files['config.json']!.toString()) as Record<string, unknown>;
  return { ...files, 'config.json': Buffer.from(JSON.stringify({ ...config, ...fields })) };
}

/** A safetensors file with one matrix for each of `layers`, of `bytes` in all: something to stop while it is read. */
export function largeModel(bytes: number, seed: number, layers = 8): Files {
  const each = Math.floor(bytes / layers / 4096) * 4096;
  const entries = Object.fromEntries(
    Array.from({ length: layers }, (_, i) => [
      `model.layers.${i}.self_attn.q_proj.weight`,
      { dtype: 'F32', shape: [1024, each / 4096], data_offsets: [i * each, (i + 1) * each] },
    ]),
  );
  const header = Buffer.from(JSON.stringify(entries));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  const body = Buffer.alloc(each * layers);
  // Small finite numbers: the exponent stays that of 1.
  for (let at = 0; at < body.length; at += 4)
    body.writeUInt32LE(0x3f800000 + ((at * 2654435761 + seed * 97) % 0x7fffff), at);
  return { 'model.safetensors': Buffer.concat([length, header, body]) };
}

export function given(files: Files): GivenFile[] {
  return Object.entries(files).map(([name, buffer]) => ({ name, mimeType: 'application/octet-stream', buffer }));
}
