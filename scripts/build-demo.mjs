/**
 * Makes the three demo models under public/demo: a good copy, one with a single tensor edited, one cut off.
 * Random numbers from a fixed seed in the shape of a small language model; nobody's weights, the same bytes every time.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { root } from './run.mjs';

const HIDDEN = 32;
const INNER = 64;
const VOCABULARY = 256;
const LAYERS = 3;
/** Share of the file that the broken copy keeps. */
const KEPT = 0.88;
const EDITED = 'model.layers.1.mlp.down_proj.weight';

/** SplitMix32 through the Box-Muller transform: normal numbers, the same on every machine that rounds like IEEE 754. */
function normals(seed) {
  let state = seed >>> 0;
  const uniform = () => {
    state = (state + 0x9e3779b9) >>> 0;
    let x = state;
    x = Math.imul(x ^ (x >>> 16), 0x85ebca6b);
    x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
    return ((x ^ (x >>> 16)) >>> 0) / 2 ** 32;
  };
  // Sum of twelve uniforms instead of log and cos: those may differ in the last bit between engines.
  return () => Array.from({ length: 12 }, uniform).reduce((sum, u) => sum + u, -6);
}

/** The upper half of the float32, rounded to nearest even: bfloat16. */
function bfloat16(value) {
  const bits = new Uint32Array(new Float32Array([value]).buffer)[0];
  return ((bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16) & 0xffff;
}

function shapes() {
  const list = [['model.embed_tokens.weight', [VOCABULARY, HIDDEN]]];
  for (let layer = 0; layer < LAYERS; layer++) {
    const at = `model.layers.${layer}`;
    list.push([`${at}.input_layernorm.weight`, [HIDDEN]]);
    for (const name of ['q', 'k', 'v', 'o']) list.push([`${at}.self_attn.${name}_proj.weight`, [HIDDEN, HIDDEN]]);
    list.push([`${at}.post_attention_layernorm.weight`, [HIDDEN]]);
    list.push(
      [`${at}.mlp.gate_proj.weight`, [INNER, HIDDEN]],
      [`${at}.mlp.up_proj.weight`, [INNER, HIDDEN]],
      [`${at}.mlp.down_proj.weight`, [HIDDEN, INNER]],
    );
  }
  list.push(['model.norm.weight', [HIDDEN]]);
  return list;
}

/** A safetensors file. `edit` may change the values of a tensor before they are written. */
function model(edit = () => {}) {
  const next = normals(1847);
  const header = { __metadata__: { format: 'pt', title: 'Assay demo: random numbers, not a trained model' } };
  const parts = [];
  let offset = 0;
  for (const [name, shape] of shapes()) {
    const count = shape.reduce((a, b) => a * b, 1);
    const values = Array.from({ length: count }, () => (shape.length === 1 ? 1 + next() * 0.01 : next() * 0.02));
    edit(name, shape, values);
    const bytes = Buffer.alloc(count * 2);
    values.forEach((value, i) => bytes.writeUInt16LE(bfloat16(value), i * 2));
    header[name] = { dtype: 'BF16', shape, data_offsets: [offset, offset + bytes.length] };
    offset += bytes.length;
    parts.push(bytes);
  }
  const text = JSON.stringify(header);
  const padded = Buffer.from(text.padEnd(Math.ceil(text.length / 8) * 8), 'utf8');
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(padded.length));
  return Buffer.concat([length, padded, ...parts]);
}

/** Adds an outer product, as tools that “edit a fact” into a model do: a small change of one matrix. */
function rankOneEdit(name, [rows, columns], values) {
  if (name !== EDITED) return;
  for (let r = 0; r < rows; r++)
    for (let c = 0; c < columns; c++) values[r * columns + c] += 0.01 * ((r % 5) - 2) * ((c % 7) - 3);
}

/** Name and stored bytes of every tensor of a file made by `model`. */
function tensorBytes(file) {
  const start = 8 + Number(file.readBigUInt64LE(0));
  const entries = Object.entries(JSON.parse(file.subarray(8, start).toString('utf8')));
  return entries.flatMap(([name, { data_offsets: at }]) =>
    at ? [[name, file.subarray(start + at[0], start + at[1])]] : [],
  );
}

/** @returns {{ id: string, files: { name: string, bytes: Buffer }[] }[]} */
export function demoModels() {
  const good = model();
  const config = Buffer.from(
    `${JSON.stringify({ architectures: ['LlamaForCausalLM'], hidden_size: HIDDEN, intermediate_size: INNER, num_hidden_layers: LAYERS, num_attention_heads: 4, vocab_size: VOCABULARY, torch_dtype: 'bfloat16', model_type: 'llama' }, null, 2)}\n`,
  );
  const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex');
  const sums = Buffer.from(`${sha256(good)}  model.safetensors\n${sha256(config)}  config.json\n`);
  const tensors = Buffer.from(
    tensorBytes(good)
      .map(([name, bytes]) => `sha256  ${sha256(bytes)}  model.safetensors:${name}\n`)
      .join(''),
  );
  const copy = (id, weights) => ({
    id,
    files: [
      { name: 'model.safetensors', bytes: weights },
      { name: 'config.json', bytes: config },
      { name: 'SHA256SUMS', bytes: sums },
      { name: 'tensors.manifest', bytes: tensors },
    ],
  });
  return [
    copy('good', good),
    copy('tampered', model(rankOneEdit)),
    copy('broken', good.subarray(0, Math.floor(good.length * KEPT))),
  ];
}

function write(out) {
  rmSync(out, { recursive: true, force: true });
  for (const { id, files } of demoModels()) {
    mkdirSync(join(out, id), { recursive: true });
    for (const { name, bytes } of files) writeFileSync(join(out, id, name), bytes);
  }
  writeFileSync(
    join(out, 'README.txt'),
    `Three copies of one small model made of random numbers, to try Assay on. Each comes with the checksum
lists of the good copy: one of its files, one of its tensors.

  good       the model as "published"
  tampered   one tensor (${EDITED}) was edited; the size is the same
  broken     the last 12 % of the file is missing, as after an interrupted download
  `,
  );
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) write(join(root, 'public/demo'));
