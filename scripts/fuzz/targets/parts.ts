/** What containers are made of, read by itself: pickles, archives, protobuf, JSON, tables, quantisation schemes. */
import { MemorySource } from '../../../src/core/bytes/memory.ts';
import { parseLooseJson } from '../../../src/core/content/loose-json.ts';
import { carvePickles } from '../../../src/core/content/pickle/carve.ts';
import { describePickle } from '../../../src/core/content/pickle/read.ts';
import { newBudget, scanPickles } from '../../../src/core/content/pickle/scan.ts';
import { AppError } from '../../../src/core/errors.ts';
import { JsonReader } from '../../../src/core/formats/json-reader.ts';
import { int, message, MessageType, readMessage, scalars, span, text } from '../../../src/core/formats/protobuf.ts';
import { openSafetensors } from '../../../src/core/formats/safetensors.ts';
import { parseStrictJson } from '../../../src/core/formats/strict-json.ts';
import { openTar } from '../../../src/core/formats/tar.ts';
import { unpackSnappy } from '../../../src/core/formats/tensorflow/snappy.ts';
import { openZip } from '../../../src/core/formats/zip/archive.ts';
import { hiddenEntries } from '../../../src/core/formats/zip/hidden.ts';
import { readEntryAnyway, readEntryHead } from '../../../src/core/formats/zip/read.ts';
import { describeRoles } from '../../../src/core/tensors/roles/describe.ts';
import { quantConfig } from '../../../src/core/tensors/schemes/config.ts';
import { dequantise } from '../../../src/core/tensors/schemes/dequantise.ts';
import { recognise } from '../../../src/core/tensors/schemes/registry.ts';
import { textSeed } from '../corpus.ts';
import { tarSums } from '../repair.ts';
import { must, type Target } from '../target.ts';
import { PICKLE_WORDS } from './pickle-words.ts';

const MiB = 1024 * 1024;
const FORMAT = /^FORMAT_/;
const JSON_WORDS = ['\\ud800', '\\u0000', '"__proto__":', '-0', '1e5', '1E+', '\u{feff}', 'NaN', '//', '""', '\\'];
const memory = (bytes: Uint8Array): MemorySource => new MemorySource('m', bytes);

/** A message that may hold itself, with every kind of field. */
const NODE = new MessageType<{ sum: number }>('Node');
NODE.define({
  1: message(NODE, (node) => node),
  2: int((node, value) => (node.sum += Number(BigInt.asIntN(32, BigInt(value))))),
  3: text(1024, (node, value) => (node.sum += value.text.length)),
  4: span(16, (node, where) => (node.sum += where.end - where.start)),
  5: scalars(0, (node, run) => (node.sum += run.end - run.start)),
  8: scalars(5, (node, run) => (node.sum += run.end - run.start)),
  9: scalars(1, (node, run) => (node.sum += run.end - run.start)),
});

/** Names as the common families and containers spell them. */
const NAMES = [
  'model.layers.0.self_attn.q_proj.weight',
  'model.layers.11.mlp.experts.7.down_proj.weight',
  'transformer.h.3.attn.c_attn.bias',
  'blk.5.ffn_gate_exps.weight',
  'encoder.block.0.layer.1.DenseReluDense.wi_0.weight',
  'bert.encoder.layer.2.output.LayerNorm.gamma',
  'vision_tower.vision_model.encoder.layers.1.mlp.fc1.weight',
  'down_blocks.0.attentions.1.transformer_blocks.0.attn1.to_q.lora_A.weight',
  'onnx::MatMul_1234',
  'layers/dense/kernel:0',
];

export const PARTS: readonly Target[] = [
  {
    id: 'pickle-scan',
    seeds: (corpus) => corpus.named(/\.(?:pkl|pickle)$/),
    words: PICKLE_WORDS,
    refuses: FORMAT,
    async run(bytes) {
      const { error, imports } = describePickle(bytes);
      must(error === null || FORMAT.test(error.code), 'a pickle breaks with a code of formats');
      for (const { offset } of imports) must(offset >= 0 && offset < bytes.length, 'an import has a place');
      const scan = await scanPickles(memory(bytes), 0, bytes.length, { shift: 0, budget: newBudget() });
      must(scan.end >= 0 && scan.end <= bytes.length, 'a scan ends within its bytes');
      structuredClone([scan.findings, scan.imports]);
      carvePickles(bytes, 0);
    },
  },
  {
    id: 'zip',
    seeds: (corpus) => corpus.named(/\.(?:zip|npz|keras|pt|jit|pt2)$/),
    refuses: FORMAT,
    async run(bytes) {
      hiddenEntries(bytes, 0, bytes.length);
      const { entries, gaps } = await openZip(memory(bytes));
      let end = 0;
      for (const gap of gaps) {
        must(gap.start >= end && gap.end >= gap.start && gap.end <= bytes.length, 'gaps are in order');
        end = gap.end;
      }
      let unpacked = 0;
      for (const entry of entries.slice(0, 200)) {
        await readEntryHead(memory(bytes), entry, 64);
        if (entry.dataStart < 0 || entry.size > MiB || (unpacked += entry.size) > 4 * MiB) continue;
        await refused(() => readEntryAnyway(memory(bytes), entry, undefined, MiB));
      }
    },
  },
  {
    id: 'tar',
    seeds: (corpus) => corpus.named(/\.(?:tar|nemo)$/),
    repair: tarSums,
    refuses: FORMAT,
    async run(bytes) {
      for (const { start, size } of (await openTar(memory(bytes))).entries) {
        must(start >= 0 && start + size <= bytes.length, 'an entry lies in its archive');
      }
    },
  },
  {
    id: 'protobuf',
    seeds: (corpus) => corpus.named(/\.(?:onnx|pb)$|\.model$/),
    refuses: FORMAT,
    run: (bytes) => readMessage(memory(bytes), { start: 0, end: bytes.length }, NODE, { sum: 0 }),
  },
  {
    id: 'json',
    seeds: (corpus) => corpus.named(/\.json$/),
    words: JSON_WORDS,
    refuses: FORMAT,
    async run(bytes) {
      await refused(async () => parseLooseJson(bytes));
      const skipped = await refused(async () => {
        const reader = new JsonReader(bytes);
        reader.skip();
        reader.end();
      });
      const parsed = await refused(async () => parseStrictJson(bytes));
      // Building the tree refuses what skipping does, and repeated keys and too many values besides.
      const more = /FORMAT_DUPLICATE_KEY|FORMAT_TOO_LARGE|FORMAT_JSON/;
      must(
        parsed === skipped || (skipped === null && more.test(parsed ?? '')) || parsed !== null,
        'skip and value agree',
      );
      must(!(skipped !== null && parsed === null), 'what cannot be skipped cannot be read');
    },
  },
  {
    id: 'snappy',
    seeds: () => [
      { name: 'literal', bytes: Uint8Array.of(5, 16, 97, 98, 99, 100, 101) },
      { name: 'copy', bytes: Uint8Array.of(64, 0, 97, 0xfe, 1, 0, 0x01, 1, 0xff, 0xff) },
    ],
    refuses: FORMAT,
    async run(bytes) {
      unpackSnappy(bytes, MiB);
    },
  },
  {
    id: 'schemes',
    seeds: (corpus) => corpus.named(/quant|good-.*\.safetensors$|tiny.*\.safetensors$/),
    words: ['.qweight', '.qzeros', '.scales', '.g_idx', '.weight_scale_inv', '.absmax', '"I32"', '.quant_state.'],
    refuses: FORMAT,
    async run(bytes) {
      const { tensors } = await openSafetensors(memory(bytes));
      const entries = new Map(tensors.map((tensor) => [tensor.name, tensor]));
      const read = async ({ storage, byteLength }: { storage: { kind: string; start?: number }; byteLength: number }) =>
        bytes.slice(storage.start ?? 0, (storage.start ?? 0) + byteLength);
      const { tensors: virtual } = await recognise({ entries, config: { layers: new Map() }, read });
      const source = {
        async *stream(entry: Parameters<typeof read>[0]) {
          yield await read(entry);
        },
        read,
      };
      for (const one of virtual.slice(0, 8)) {
        if (one.shape.reduce((product, size) => product * size, 1) > MiB) continue;
        await refused(() => dequantise(one, entries, source as unknown as Parameters<typeof dequantise>[2], () => {}));
      }
    },
  },
  {
    id: 'tensor-names',
    seeds: () => [textSeed(NAMES.join('\n')), ...NAMES.map((name) => textSeed(name))],
    words: [
      '.',
      'layers.',
      '.99999999999999999999.',
      'blk.',
      'experts.',
      '_',
      '/',
      'model.',
      '.weight',
      ':0',
      '__',
      'visual.',
    ],
    refuses: FORMAT,
    async run(bytes) {
      const names = new TextDecoder().decode(bytes).split('\n').slice(0, 5_000);
      structuredClone(describeRoles(names.map((name, i) => ({ name, shape: [i % 7, 64], dtype: 'F32' }))));
    },
  },
  {
    id: 'quant-config',
    seeds: () => [
      textSeed(
        '{"quantization_config":{"quant_method":"gptq","bits":4,"group_size":128,"checkpoint_format":"gptq_v2"}}',
      ),
      textSeed('{"quantization":{"group_size":64,"bits":4,"mode":"affine","model.layers.0":{"bits":8}}}'),
      textSeed('{"quantization_config":{"quant_method":"fp8","weight_block_size":[128,128]},"torch_dtype":"bfloat16"}'),
    ],
    refuses: FORMAT,
    async run(bytes) {
      let value: unknown;
      try {
        value = JSON.parse(new TextDecoder().decode(bytes));
      } catch {
        return;
      }
      quantConfig(value);
    },
  },
];

/** The code with which something refuses; null when it does not. Anything uncoded goes on. */
async function refused(work: () => Promise<unknown>): Promise<string | null> {
  try {
    await work();
    return null;
  } catch (error) {
    if (error instanceof AppError && FORMAT.test(error.code)) return error.code;
    throw error;
  }
}
