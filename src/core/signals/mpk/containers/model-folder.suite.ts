/** Models for tests: folders of fixtures, and files made on the spot. */
import { readdirSync, readFileSync } from 'node:fs';
import { MemorySource } from '../../../bytes/memory.ts';
import { openGguf } from '../../../formats/gguf.ts';
import type { MetaEntry } from '../../../formats/format.ts';
import { openSafetensors } from '../../../formats/safetensors.ts';
import { GgufWriter, type WrittenTensor, type WrittenValue } from '../../../formats/writers.suite.ts';
import type { TensorEntry } from '../../../tensors/entry.ts';
import { loadKernels } from '../../../kernels/wasm.ts';
import { KEEP_VOCABULARY } from './gguf-tokenizer.ts';
import { modelSignals, type ModelFile, type ModelSignals } from '../model.ts';
import type { LoadPath } from '../weights.ts';

const fixtures = new URL('../../../../../fixtures/signals/', import.meta.url);

export const fixture = (name: string): Uint8Array => new Uint8Array(readFileSync(new URL(name, fixtures)));

/** Files of a folder of fixtures by name. */
export function folder(name: string): Record<string, Uint8Array> {
  const names = readdirSync(new URL(`${name}/`, fixtures));
  return Object.fromEntries(names.map((file) => [file, fixture(`${name}/${file}`)]));
}

export function modelFiles(files: Readonly<Record<string, Uint8Array>>): ModelFile[] {
  return Object.entries(files).map(([path, bytes]) => ({
    path,
    size: bytes.length,
    open: async () => new MemorySource(path, bytes),
  }));
}

export async function signalsOf(files: Readonly<Record<string, Uint8Array>>, path?: LoadPath): Promise<ModelSignals> {
  const tools = { kernels: await loadKernels(), signal: new AbortController().signal };
  return modelSignals(modelFiles(files), tools, path);
}

/** The five signals as plain values: equal ones are equal bit by bit. */
export function plainSignals({ weights }: ModelSignals) {
  if (weights === null) return null;
  const { eas, nlf, lep, end, wvc } = weights;
  return {
    eas: eas && [...eas.values],
    nlf: nlf && { mode: nlf.mode, tensors: nlf.tensors, vector: [...nlf.vector] },
    lep: lep && [...lep],
    end: end && [...end],
    wvc: wvc && [...wvc].map(([layer, values]) => [layer, ...values]),
  };
}

const written = (bytes: Uint8Array, { name, dtype, shape, byteLength, storage }: TensorEntry): WrittenTensor => {
  const start = storage.kind === 'range' ? storage.start : 0;
  return { name, dtype, shape, bytes: bytes.slice(start, start + byteLength) };
};

/** The tensors of a safetensors file, to be written anew. */
export async function safetensorsOf(bytes: Uint8Array): Promise<WrittenTensor[]> {
  const { tensors } = await openSafetensors(new MemorySource('model.safetensors', bytes));
  return tensors.map((entry) => written(bytes, entry));
}

/** A GGUF file as two parts: the first holds the metadata. */
export async function inTwo(bytes: Uint8Array): Promise<[Uint8Array, Uint8Array]> {
  const opened = await openGguf(new MemorySource('model.gguf', bytes), undefined, KEEP_VOCABULARY);
  const writer = new GgufWriter();
  const value = ({ type, value: stated }: MetaEntry): WrittenValue =>
    typeof stated === 'object' && stated !== null && 'values' in stated
      ? writer.array(stated.elementType, stated.values)
      : writer.value(type, stated);
  const tensors = opened.tensors.map((entry) => written(bytes, entry));
  const metadata = opened.metadata.map((entry) => [entry.key, value(entry)] as const);
  return [writer.file(metadata, tensors.slice(0, 8)), writer.file([], tensors.slice(8))];
}
