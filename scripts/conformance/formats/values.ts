/** Decoded numbers of every tensor of a file, stored and made of several, as the golden rows state them. */
import { AppError, toErrorData } from '../../../src/core/errors.ts';
import type { OpenArtifact } from '../../../src/core/formats/format.ts';
import { TreeStream } from '../../../src/core/hash/tree-stream.ts';
import type { HashProvider, StreamHasher } from '../../../src/core/hash/hasher.ts';
import { wasmHashes } from '../../../src/core/hash/wasm.ts';
import { loadKernels } from '../../../src/core/kernels/wasm.ts';
import type { Kernels } from '../../../src/core/kernels/kernels.ts';
import type { ByteSource } from '../../../src/core/bytes/source.ts';
import { canonicalForm } from '../../../src/core/tensors/canonical.ts';
import { elementCount } from '../../../src/core/tensors/dtypes.ts';
import { logicalTensors, storedAlone } from '../../../src/core/tensors/read/logical.ts';
import {
  folderOf,
  type LogicalTensor,
  type TensorFile,
  type TensorModel,
} from '../../../src/core/tensors/read/model.ts';
import { decodedDtype, readTensor } from '../../../src/core/tensors/read/read.ts';
import { Summary } from '../../../src/core/tensors/summary.ts';
import type { CaseFiles } from '../kinds.ts';

/** Numbers as JSON can hold them: NaN and infinities as text, as in the golden rows. */
export type Stated = number | 'NaN' | 'Infinity' | '-Infinity';

export interface ComputedValues {
  /** Code of the error instead of values: FORMAT_NOT_DECODED, FORMAT_NO_DATA … */
  readonly error?: string;
  readonly f32?: string;
  /** `assay-tensor-v1` of the canonical form, and whether the stored bytes were big-endian. */
  readonly canonical?: string;
  readonly bigEndian?: boolean;
  readonly first?: readonly Stated[];
  /** 64-bit integers. */
  readonly firstExact?: readonly string[];
  readonly sum?: Stated;
  readonly squares?: Stated;
  readonly least?: Stated | null;
  readonly most?: Stated | null;
  readonly nan?: number;
  readonly infinite?: number;
  /** Of the integers before a scale is applied. */
  readonly codesF32?: string;
  /** SHA-256 of the values rounded to float16 and bfloat16. */
  readonly f16?: string;
  readonly bf16?: string;
}

export interface ComputedMade extends ComputedValues {
  readonly name: string;
  readonly shape: readonly number[];
  readonly method: string;
  readonly dtype: string;
  readonly bits: number;
  readonly groupSize?: number;
  readonly block?: readonly [number, number];
  readonly parts: readonly string[];
}

export interface ComputedNumbers {
  /** In the order of the artifact's tensors. */
  readonly stored: readonly ComputedValues[];
  readonly made: readonly ComputedMade[];
  /** Groups that were seen and not understood. */
  readonly undecoded: readonly string[];
}

interface Tools {
  readonly hashes: HashProvider;
  readonly kernels: Kernels;
}

export async function computeNumbers(
  path: string,
  source: ByteSource,
  opened: OpenArtifact,
  files: CaseFiles,
): Promise<ComputedNumbers> {
  const file: TensorFile = { ...opened, path, source };
  const config = await configOf(folderOf(path), files);
  const model: TensorModel = {
    files: [file],
    open: (beside) => optional(files, beside),
    config: () => config,
  };
  const tools = { hashes: wasmHashes(), kernels: await loadKernels() };
  const stored: ComputedValues[] = [];
  for (const entry of file.tensors) {
    const values = await valuesOf(model, storedAlone(file, entry), tools);
    const codes =
      entry.transforms?.some(({ kind }) => kind === 'affine') === true
        ? await valuesOf(model, storedAlone(file, { ...entry, transforms: [] }), tools)
        : undefined;
    const big = entry.storage.kind !== 'absent' && entry.storage.order === 'big';
    stored.push({
      ...values,
      ...(big ? { bigEndian: true } : {}),
      ...(codes?.f32 === undefined ? {} : { codesF32: codes.f32 }),
    });
  }
  const { tensors, undecoded } = await logicalTensors(model);
  const made: ComputedMade[] = [];
  for (const tensor of tensors) {
    if (tensor.kind !== 'made') continue;
    const { name, shape, scheme: method, dtype, bits, groupSize, block, parts } = tensor.recipe;
    made.push({
      ...(await valuesOf(model, tensor, tools)),
      name,
      shape,
      method,
      dtype,
      bits,
      parts,
      ...(groupSize === undefined ? {} : { groupSize }),
      ...(block === undefined ? {} : { block }),
    });
  }
  return { stored, made, undecoded: undecoded.map(({ name, scheme, why }) => `${name}: ${scheme} (${why})`) };
}

async function valuesOf(
  model: TensorModel,
  tensor: LogicalTensor,
  { hashes, kernels }: Tools,
): Promise<ComputedValues> {
  const dtype = decodedDtype(tensor);
  const form = canonicalForm(dtype, tensor.shape);
  const values = elementCount(form.shape);
  const float32 = await hashes.create('sha256', values * 4);
  const rounded = tensor.kind === 'made' ? await roundings(hashes, values) : null;
  try {
    const canonical = new TreeStream(form, hashes, await hashes.short());
    const summary = new Summary(dtype, { float32, canonical }, kernels);
    const exact: string[] = [];
    const tile = (tile: Float32Array, stored: Uint8Array): void => {
      if (/^[IU]64$/.test(dtype)) exact.push(...exactOf(stored, dtype === 'I64', 8 - exact.length));
      rounded?.update(tile);
      summary.add(tile, stored);
    };
    await readTensor(model, tensor, { tile }, { kernels, room: () => canonical.room() });
    const { sum, squares, least, most, first, nan, infinite } = summary.result();
    return {
      f32: float32.digest(),
      canonical: await canonical.digest(),
      first: first.map(stated),
      ...(exact.length > 0 ? { firstExact: exact } : {}),
      sum: stated(sum),
      squares: stated(squares),
      least: least === null ? null : stated(least),
      most: most === null ? null : stated(most),
      nan,
      infinite,
      ...rounded?.digests(),
    };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return { error: toErrorData(error).code };
  }
}

function exactOf(stored: Uint8Array, signed: boolean, count: number): string[] {
  const view = new DataView(stored.buffer, stored.byteOffset, stored.byteLength);
  const all = Math.min(Math.max(0, count), stored.length / 8);
  return Array.from({ length: all }, (_, i) =>
    String(signed ? view.getBigInt64(8 * i, true) : view.getBigUint64(8 * i, true)),
  );
}

function stated(value: number): Stated {
  return Number.isFinite(value) ? value : (String(value) as Stated);
}

/** What a runtime in float16 or bfloat16 would hold: rounded to nearest, ties to even. */
async function roundings(hashes: HashProvider, values: number) {
  const [f16, bf16]: StreamHasher[] = [
    await hashes.create('sha256', values * 2),
    await hashes.create('sha256', values * 2),
  ] as const;
  return {
    update(tile: Float32Array): void {
      f16!.update(new Uint8Array(Uint16Array.from(tile, halfBits).buffer));
      const bits = new Uint32Array(tile.slice().buffer);
      bf16!.update(new Uint8Array(Uint16Array.from(bits, brainBits).buffer));
    },
    digests: () => ({ f16: f16!.digest(), bf16: bf16!.digest() }),
  };
}

function brainBits(bits: number): number {
  if ((bits & 0x7fffffff) > 0x7f800000) return 0x7fc0;
  return ((bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16) & 0xffff;
}

/** Bits of the float16 nearest to a float32. */
function halfBits(value: number): number {
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
  const size = Math.abs(value);
  if (Number.isNaN(value)) return 0x7e00;
  if (size >= 65520) return sign | 0x7c00;
  // The step between neighbours at this size; below 2^-14 it stays 2^-24.
  const exponent = Math.max(-14, Math.floor(Math.log2(size)));
  const step = 2 ** (exponent - 10);
  const steps = size / step;
  const low = Math.floor(steps);
  const nearest = steps - low > 0.5 || (steps - low === 0.5 && low % 2 === 1) ? low + 1 : low;
  const half = nearest * step;
  if (half === 0) return sign;
  if (half < 2 ** -14) return sign | Math.round(half * 2 ** 24);
  const e = Math.floor(Math.log2(half));
  return sign | ((e + 15) << 10) | Math.round((half / 2 ** e - 1) * 1024);
}

function inFolder(folder: string, path: string): string {
  return folder === '' ? path : `${folder}/${path}`;
}

async function optional(files: CaseFiles, path: string): Promise<ByteSource | null> {
  try {
    return await files.open(path);
  } catch {
    return null;
  }
}

async function configOf(folder: string, files: CaseFiles): Promise<unknown> {
  const source = await optional(files, inFolder(folder, 'config.json'));
  if (source === null) return undefined;
  try {
    return JSON.parse(new TextDecoder().decode(await source.read(0, source.size))) as unknown;
  } catch {
    return undefined;
  }
}
