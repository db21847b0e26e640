/** Every container of the registry: through the look at a file that the app takes, and through its own reader. */
import { MemorySource } from '../../../src/core/bytes/memory.ts';
import { FINDING_CODES } from '../../../src/core/content/finding.ts';
import { AppError, ERROR_CODES } from '../../../src/core/errors.ts';
import { describeFile } from '../../../src/core/formats/describe.ts';
import type { FormatId, OpenArtifact } from '../../../src/core/formats/format.ts';
import { FORMATS, identify, type FormatEntry } from '../../../src/core/formats/registry.ts';
import { layoutRegions } from '../../../src/core/scan/regions.ts';
import { hdf5Sums, npyLength, safetensorsLength, tableSums, tarSums, type Repair } from '../repair.ts';
import { must, type Target } from '../target.ts';
import { PICKLE_WORDS } from './pickle-words.ts';

/** Assembled tensors above this are not put together: a small file that states a large tensor is legal. */
const PAYLOAD_MAX = 256 * 1024;
const PAYLOADS_MAX = 16;

interface Plan {
  readonly seeds: RegExp;
  readonly words?: NonNullable<Target['words']>;
  readonly repair?: Repair;
}

const PLANS: Readonly<Record<FormatId, Plan>> = {
  safetensors: {
    seeds: /\.safetensors$/,
    repair: safetensorsLength,
    words: ['"dtype":"F4"', '"shape":[]', '"data_offsets":[0,0]', '"__metadata__":', '\\u0041', '\xff'],
  },
  gguf: { seeds: /\.gguf$/, words: ['GGUF', 'general.alignment', 'tokenizer.chat_template', 'split.count'] },
  'pytorch-zip': { seeds: /\.(?:pt|pth|bin|ckpt|zip)$/, words: PICKLE_WORDS },
  'pytorch-legacy': { seeds: /legacy|\.(?:pth|bin)$/, words: PICKLE_WORDS },
  'pytorch-tar': { seeds: /\.(?:tar|nemo|tar\.gz|tgz)$/, words: PICKLE_WORDS, repair: tarSums },
  torchscript: { seeds: /\.(?:jit|ptl)$|script/, words: PICKLE_WORDS },
  'torch-export': { seeds: /\.pt2$/, words: ['"as_float"', '"sizes":', '"storage_offset":', '"__proto__"'] },
  pickle: { seeds: /\.(?:pkl|pickle|joblib|dill|npy)$/, words: PICKLE_WORDS },
  onnx: { seeds: /\.onnx$/ },
  hdf5: { seeds: /\.(?:h5|hdf5)$/, repair: hdf5Sums, words: ['OHDR', 'TREE', 'SNOD', 'HEAP', 'GCOL', 'FRHP'] },
  keras: { seeds: /\.keras$/, words: ['"class_name":"Lambda"', '"module":"os"', '"registered_name":'] },
  npy: { seeds: /\.npy$/, repair: npyLength, words: ["'descr'", "'|O'", 'True', "'>f8'", '(1,)', "('a', '<f4')"] },
  npz: { seeds: /\.npz$/, words: PICKLE_WORDS },
  tflite: { seeds: /\.tflite$/, words: ['TFL3'] },
  'tensorflow-savedmodel': { seeds: /saved_model\.pb$|keras_metadata\.pb$/ },
  'tensorflow-graphdef': { seeds: /\.pb$|\.meta$/ },
  'tensorflow-checkpoint': { seeds: /\.index$/, repair: tableSums },
};

const KNOWN: ReadonlySet<string> = new Set(ERROR_CODES);
const FINDINGS: ReadonlySet<string> = new Set(FINDING_CODES);

export const CONTAINERS: readonly Target[] = FORMATS.map((entry) => ({
  id: entry.id,
  ...PLANS[entry.id],
  seeds: (corpus) => corpus.named(PLANS[entry.id].seeds),
  refuses: /^FORMAT_/,
  run: (bytes) => runContainer(entry, bytes),
}));

async function runContainer(entry: FormatEntry, bytes: Uint8Array): Promise<void> {
  const source = new MemorySource(`m${entry.extensions[0]!.replace(/^(?!\.)/, '/')}`, bytes);
  const found = await describeFile(source);
  for (const { code } of found.findings) must(FINDINGS.has(code), `finding ${code} is listed`);
  if (found.formatError !== undefined) must(KNOWN.has(found.formatError.code), `code ${found.formatError.code}`);
  structuredClone(found.notAModel);
  if (found.opened?.format === entry.id) return check(found.opened, bytes);
  if (found.opened !== undefined) await check(found.opened, bytes);
  // The look at the file was a reading by this very reader: a second one would only count its memory twice.
  const taken = identify(bytes.subarray(0, 4096), source.name, bytes.length)?.entry.id;
  if (found.formatError !== undefined && taken === entry.id) {
    throw new AppError(found.formatError.code, found.formatError.detail);
  }
  const format = await entry.load();
  await check(await format.open(source), bytes);
}

/** What whoever shows or hashes the artifact relies on. */
async function check(opened: OpenArtifact, bytes: Uint8Array): Promise<void> {
  const { payload, ...plain } = opened;
  structuredClone(plain);
  must(opened.headerEnd >= 0 && opened.headerEnd <= bytes.length, 'the header ends within the file');
  for (const { code } of opened.findings) must(FINDINGS.has(code), `finding ${code} is listed`);
  let end = 0;
  for (const region of layoutRegions(opened, bytes.length)) {
    must(region.start >= end && region.end >= region.start && region.end <= bytes.length, 'regions are in order');
    end = region.end;
  }
  let assembled = 0;
  for (const tensor of opened.tensors) {
    must(Number.isSafeInteger(tensor.byteLength) && tensor.byteLength >= 0, 'a length is a whole number');
    must(
      tensor.shape.every((size) => Number.isSafeInteger(size) && size >= 0),
      'a shape has whole numbers',
    );
    const { storage } = tensor;
    // One without elements takes no place and may be said to stand anywhere.
    if (storage.kind === 'range' && storage.strides === undefined && tensor.byteLength > 0) {
      must(storage.start >= 0 && storage.start + tensor.byteLength <= bytes.length, 'a tensor lies in its file');
    }
    if (storage.kind !== 'assembled' || tensor.byteLength > PAYLOAD_MAX || assembled >= PAYLOADS_MAX) continue;
    assembled += 1;
    let got = 0;
    for await (const chunk of payload!(tensor)) got += chunk.length;
    must(got === tensor.byteLength, 'an assembled tensor has its stated length');
  }
}
