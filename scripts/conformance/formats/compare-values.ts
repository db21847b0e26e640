import { createHash } from 'node:crypto';
import { treeRoot } from '../../../src/core/hash/tree.ts';
import { TENSOR_LEAF } from '../../../src/core/limits.ts';
import { canonicalForm } from '../../../src/core/tensors/canonical.ts';
import type { ExpectedMade, ExpectedTensor, ExpectedValues } from './expectations.ts';
import type { ComputedMade, ComputedNumbers, ComputedValues } from './values.ts';

/** As the golden README says. */
const TOLERANCE = 1e-9;
/** Types whose canonical form is their stored form. F64 is too, but for the bits of a NaN. */
const KEPT: ReadonlySet<string> = new Set(['I64', 'U64', 'I32', 'U32', 'I16', 'U16', 'I8', 'U8', 'F64']);

/** Disagreements of decoded numbers, each naming its tensor. */
export function compareNumbers(
  tensors: readonly ExpectedTensor[],
  dequantised: readonly ExpectedMade[],
  names: readonly string[],
  computed: ComputedNumbers,
): string[] {
  const byName = new Map(names.map((name, i) => [name, computed.stored[i]!]));
  const made = new Map(computed.made.map((one) => [one.name, one]));
  const differ: string[] = [];
  for (const row of tensors) {
    const found = byName.get(row.name);
    if (found === undefined) continue;
    const where = `values of ${JSON.stringify(row.name)}`;
    differ.push(...compareStored(row, found).map((text) => `${where}: ${text}`));
    // TensorFlow Lite states the scale with the tensor itself.
    if (row.dequantised_f32_sha256 !== undefined) {
      const own = made.get(row.name);
      if (own?.f32 !== row.dequantised_f32_sha256) {
        differ.push(`${where}: dequantised: expected ${row.dequantised_f32_sha256}, is ${own?.f32 ?? own?.error}`);
      }
      made.delete(row.name);
    }
  }
  for (const row of dequantised) {
    const found = made.get(row.name);
    made.delete(row.name);
    const where = `made ${JSON.stringify(row.name)}`;
    if (found === undefined) differ.push(`${where}: not found`);
    else differ.push(...compareMade(row, found).map((text) => `${where}: ${text}`));
  }
  for (const name of made.keys()) differ.push(`made ${JSON.stringify(name)}: not expected`);
  return [...differ, ...computed.undecoded.map((text) => `not understood: ${text}`)];
}

function compareStored(row: ExpectedTensor, found: ComputedValues): string[] {
  // Text and objects have no numbers; six-bit types of safetensors have no defined order of bits.
  if (row.f32_sha256 === null) return found.error === undefined ? ['decoded, where no reference defines values'] : [];
  const differ = compareValues(row, found);
  if (row.int_repr_f32_sha256 !== undefined && row.int_repr_f32_sha256 !== found.codesF32) {
    differ.push(`codes: expected ${row.int_repr_f32_sha256}, is ${found.codesF32}`);
  }
  // A scale makes floats of what is stored.
  const decoded = row.int_repr_f32_sha256 === undefined ? row : { ...row, dtype: 'F32' };
  const canonical = expectedCanonical(decoded, found);
  if (canonical !== undefined && canonical !== found.canonical) {
    differ.push(`canonical digest: expected ${canonical}, is ${found.canonical}`);
  }
  return differ;
}

function compareMade(row: ExpectedMade, found: ComputedMade): string[] {
  const pairs: [string, unknown, unknown][] = [
    ['shape', row.shape, found.shape],
    ['made from', row.made_from, found.parts],
    ['method', row.method, found.method],
    ['dtype', row.method === undefined ? undefined : row.dtype, found.dtype],
    ['bits', row.bits, found.bits],
    ['group size', row.group_size, found.groupSize],
    ['block', row.block, found.block],
    ['rounded to float16', row.f16_rounded_sha256, found.f16],
    ['rounded to bfloat16', row.bf16_rounded_sha256, found.bf16],
    ['canonical digest', expectedCanonical({ ...row, dtype: 'F32' }, found), found.canonical],
  ];
  return [...unequal(pairs), ...compareValues(row, found)];
}

function compareValues(row: ExpectedValues, found: ComputedValues): string[] {
  if (found.error !== undefined) return [`could not be read: ${found.error}`];
  const near = (field: string, expected: unknown, actual: unknown): string[] => {
    if (expected === undefined || close(Number(expected), Number(actual))) return [];
    return [`${field}: expected ${String(expected)}, is ${String(actual)}`];
  };
  return [
    ...unequal([
      ['f32_sha256', row.f32_sha256 ?? undefined, found.f32],
      ['first8', row.first8?.map(String), found.first?.map(String)],
      ['first8_exact', row.first8_exact, found.firstExact],
      ['nan_count', row.nan_count ?? (row.sum === undefined ? undefined : 0), found.nan],
      ['inf_count', row.inf_count ?? (row.sum === undefined ? undefined : 0), found.infinite],
    ]),
    ...near('sum', row.sum, found.sum),
    ...near('sumsq', row.sumsq, found.squares),
    ...near('min', row.min, found.least),
    ...near('max', row.max, found.most),
  ];
}

function unequal(pairs: readonly (readonly [field: string, expected: unknown, actual: unknown])[]): string[] {
  return pairs.flatMap(([field, expected, actual]) =>
    expected === undefined || JSON.stringify(expected) === JSON.stringify(actual)
      ? []
      : [`${field}: expected ${JSON.stringify(expected)}, is ${JSON.stringify(actual)}`],
  );
}

function close(expected: number, actual: number): boolean {
  if (Number.isNaN(expected) || !Number.isFinite(expected)) return Object.is(expected, actual);
  return Math.abs(actual - expected) <= TOLERANCE * Math.abs(expected);
}

/** The canonical digest by its definition, from the golden digest of the same bytes; undefined above one leaf. */
function expectedCanonical(
  row: ExpectedValues & {
    readonly dtype: string;
    readonly shape: readonly number[];
    readonly payload_sha256?: string | null;
  },
  { bigEndian = false, nan = 0 }: ComputedValues,
): string | undefined {
  const form = canonicalForm(row.dtype, row.shape);
  if (form.byteLength > TENSOR_LEAF) return undefined;
  const kept = KEPT.has(row.dtype) && !bigEndian && (row.dtype !== 'F64' || nan === 0);
  const leaf = form.dtype === 'F32' ? row.f32_sha256 : kept ? row.payload_sha256 : undefined;
  if (leaf === undefined || leaf === null) return undefined;
  const leaves = form.byteLength === 0 ? new Uint8Array(0) : new Uint8Array(Buffer.from(leaf, 'hex'));
  return treeRoot(form, leaves, (bytes) => new Uint8Array(createHash('sha256').update(bytes).digest()));
}
