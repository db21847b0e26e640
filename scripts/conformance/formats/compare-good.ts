import { dtypeByName, ggmlId } from '../../../src/core/tensors/dtypes.ts';
import { compareMetadata } from './compare-metadata.ts';
import { compareNumbers } from './compare-values.ts';
import type { ComputedFile, ComputedTensor } from './compute.ts';
import { containerOf } from './rows.ts';
import type { ExpectedGood, ExpectedSet, ExpectedTensor } from './expectations.ts';

const SHOWN = 160;

/** Facts that are compared where a row states them; the rest of `facts` is prose or belongs to later readers. */
const FACTS: readonly string[] = [
  'header_length',
  'header_length_multiple_of_8',
  'data_start',
  'data_bytes',
  'header_sha256',
  'has_metadata',
  'version',
  'endian',
  'alignment',
  'kv_count',
  'tensor_count',
  'kv_end',
  'tensor_infos_end',
  'data_offset',
];

/** Disagreements with one row, in words; empty when there are none. */
export function compareGood(row: ExpectedGood, file: ComputedFile | undefined): string[] {
  if (file === undefined) return ['no such file, or no answer'];
  const differ = compareBytes(row, file);
  if (file.notAModel !== undefined) return [...differ, `was taken for ${file.notAModel.kind}`];
  if (file.error !== undefined) return [...differ, `was refused: ${file.error.code} ${shown(file.error.detail)}`];
  if (file.format !== containerOf(row.format))
    differ.push(`format: expected ${row.format}, is ${file.format ?? 'none'}`);
  return [
    ...differ,
    ...compareFacts(row, file),
    ...compareMetadata(row.metadata, file.metadata),
    ...compareTensors(row.tensors ?? [], file.tensors, file),
    ...numbersOf(row, [file]),
  ];
}

/** The decoded numbers of files that belong together, against one row. */
function numbersOf(
  { tensors = [], dequantised = [] }: Pick<ExpectedGood, 'tensors' | 'dequantised'>,
  files: readonly ComputedFile[],
): string[] {
  const stored = files.flatMap(({ numbers }) => numbers?.stored ?? []);
  const names = files.flatMap(({ tensors: own, numbers }) =>
    numbers === undefined ? [] : own.map(({ name }) => name),
  );
  const made = files.flatMap(({ numbers }) => numbers?.made ?? []);
  const undecoded = files.flatMap(({ numbers }) => numbers?.undecoded ?? []);
  return compareNumbers(tensors, dequantised, names, { stored, made, undecoded });
}

/** @param files computed members, by path */
export function compareSet(
  row: ExpectedSet,
  files: ReadonlyMap<string, ComputedFile>,
  found: { readonly index?: string; readonly metadata: Readonly<Record<string, string | number>> } | undefined,
  problems: readonly string[],
): string[] {
  if (found === undefined) return ['these files were not recognised as a set'];
  const differ = [...problems];
  for (const member of row.files) {
    const file = files.get(member.file);
    differ.push(
      ...(file === undefined ? ['no such file'] : compareBytes(member, file)).map((text) => `${member.file}: ${text}`),
    );
  }
  if (found.index !== undefined) differ.push(...compareIndexMetadata(row.metadata ?? {}, found.metadata));
  const held = tensorsByHolder(row, files);
  for (const { file } of row.files) {
    const computed = files.get(file);
    if (computed === undefined || file === found.index) continue;
    const own = (row.tensors ?? []).filter((tensor) => `${row.set}/${tensor.file}` === file);
    differ.push(...compareTensors(own, held.get(file) ?? [], computed).map((text) => `${file}: ${text}`));
  }
  const members = row.files.flatMap(({ file }) => files.get(file) ?? []);
  return [...differ, ...numbersOf(row, members)];
}

/** Tensors by the file that holds their bytes, which need not be the one that describes them. */
function tensorsByHolder(row: ExpectedSet, files: ReadonlyMap<string, ComputedFile>): Map<string, ComputedTensor[]> {
  const held = new Map<string, ComputedTensor[]>();
  for (const { file } of row.files) {
    for (const tensor of files.get(file)?.tensors ?? []) {
      const holder = tensor.file ?? file;
      held.set(holder, [...(held.get(holder) ?? []), tensor]);
    }
  }
  return held;
}

function compareBytes(row: { readonly bytes?: number; readonly sha256?: string }, file: ComputedFile): string[] {
  const differ: string[] = [];
  if (row.bytes !== undefined && row.bytes !== file.bytes)
    differ.push(`bytes: expected ${row.bytes}, is ${file.bytes}`);
  if (row.sha256 !== undefined && row.sha256 !== file.sha256)
    differ.push(`sha256: expected ${row.sha256}, is ${file.sha256}`);
  return differ;
}

function compareFacts({ facts = {}, tensors = [] }: ExpectedGood, file: ComputedFile): string[] {
  const actual: Record<string, unknown> = { ...file.facts };
  const byPlace = file.tensors.toSorted((a, b) => (a.start ?? 0) - (b.start ?? 0) || a.byteLength - b.byteLength);
  actual['names_in_header_order'] = file.tensors.map(({ name }) => name);
  actual['names_in_offset_order'] = byPlace.map(({ name }) => name);
  const dtype = dtypeByName(tensors[0]?.dtype ?? '');
  actual['block_elements'] = dtype?.elements;
  actual['block_bytes'] = dtype?.bytes;
  const compared = [...FACTS, 'names_in_header_order', 'names_in_offset_order', 'block_elements', 'block_bytes'];
  return compared.flatMap((key) => {
    if (!Object.hasOwn(facts, key) || shown(facts[key]) === shown(actual[key])) return [];
    return [`fact ${key}: expected ${shown(facts[key])}, is ${shown(actual[key])}`];
  });
}

function compareIndexMetadata(
  expected: Readonly<Record<string, unknown>>,
  actual: Readonly<Record<string, string | number>>,
): string[] {
  return Object.entries(expected).flatMap(([key, value]) =>
    actual[key] === value ? [] : [`index metadata ${key}: expected ${shown(value)}, is ${shown(actual[key])}`],
  );
}

function compareTensors(
  expected: readonly ExpectedTensor[],
  actual: readonly ComputedTensor[],
  file: ComputedFile,
): string[] {
  const byName = new Map(actual.map((tensor) => [tensor.name, tensor]));
  const differ: string[] = [];
  for (const row of expected) {
    const tensor = byName.get(row.name);
    byName.delete(row.name);
    const where = `tensor ${shown(row.name)}`;
    if (tensor === undefined) differ.push(`${where}: not found`);
    else differ.push(...compareTensor(row, tensor, file).map((text) => `${where}: ${text}`));
  }
  for (const name of byName.keys()) differ.push(`tensor ${shown(name)}: not expected`);
  return differ;
}

function compareTensor(row: ExpectedTensor, tensor: ComputedTensor, { facts }: ComputedFile): string[] {
  const dataOffset = facts['data_offset'];
  const pairs: [field: string, expected: unknown, actual: unknown][] = [
    ['dtype', row.dtype, tensor.dtype],
    ['shape', row.shape, tensor.shape],
    ['byte_length', row.byte_length ?? undefined, tensor.byteLength],
    ['file_offset', row.file_offset ?? undefined, tensor.start],
    ['payload_sha256', row.payload_sha256 ?? undefined, tensor.sha256],
    ['ggml_type', row.ggml_type, ggmlId(tensor.dtype)],
    ['ne', row.ne, tensor.shape.toReversed()],
    ['rel_offset', row.rel_offset, typeof dataOffset === 'number' ? (tensor.start ?? 0) - dataOffset : null],
  ];
  return pairs.flatMap(([field, expected, actual]) =>
    expected === undefined || shown(expected) === shown(actual)
      ? []
      : [`${field}: expected ${shown(expected)}, is ${shown(actual)}`],
  );
}

/** A value as text, whole when it is compared and short enough to print. */
function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length <= SHOWN ? text : `${text.slice(0, SHOWN)}… (${text.length} characters, ${hash(text)})`;
}

/** Tells long texts apart in a message; not for security. FNV-1a, 32 bits. */
function hash(text: string): string {
  let state = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) state = Math.imul(state ^ text.charCodeAt(i), 0x01000193) >>> 0;
  return state.toString(16);
}
