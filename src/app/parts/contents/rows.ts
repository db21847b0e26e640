/** The tensor table as data: rows of all files, found by name, filtered by type, sorted. */
import type { Report } from '../../../core/report/report.ts';

export interface TensorRow {
  /** Place of the file among the report's. */
  readonly file: number;
  readonly path: string;
  /** Place among the tensors of all files. */
  readonly place: number;
  /** Place of the tensor in its file. */
  readonly index: number;
  readonly name: string;
  /** `attention.q, layer 3`; empty when it is not known. */
  readonly role: string;
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly parameters: number;
  readonly bytes: number;
  /** Offset in the file that holds the bytes; absent when they are packed or scattered. */
  readonly start?: number;
  /** That file, when it is another one. */
  readonly elsewhere?: string;
  readonly digest?: string;
}

export const SORTS = ['place', 'name', 'dtype', 'shape', 'parameters', 'bytes'] as const;
export type Sort = (typeof SORTS)[number];

export interface Wanted {
  /** Part of a name or role, whatever the case. */
  readonly text: string;
  /** Empty: all. */
  readonly dtype: string;
  readonly sort: Sort;
  readonly descending: boolean;
}

export const AS_STORED: Wanted = { text: '', dtype: '', sort: 'place', descending: false };

/**
 * @param file place of one file, or null for all
 * @param roles one per tensor over all files, when they are known
 */
export function tensorRows(
  report: Pick<Report, 'artifacts'>,
  file: number | null,
  roles: readonly string[] = [],
): TensorRow[] {
  const rows: TensorRow[] = [];
  let before = 0;
  for (const [place, { path, tensors }] of report.artifacts.entries()) {
    const first = before;
    before += tensors.length;
    if (file !== null && place !== file) continue;
    for (const [index, { name, dtype, shape, start, bytes, digest, file: elsewhere }] of tensors.entries()) {
      rows.push({
        file: place,
        path,
        place: first + index,
        index,
        name,
        role: roles[first + index] ?? '',
        dtype,
        shape,
        parameters: shape.reduce((product, n) => product * n, 1),
        bytes,
        ...(start === undefined ? {} : { start }),
        ...(elsewhere === undefined ? {} : { elsewhere }),
        ...(digest === undefined ? {} : { digest }),
      });
    }
  }
  return rows;
}

/** Stored types with how many tensors have each, the most frequent first. */
export function dtypesOf(rows: readonly TensorRow[]): (readonly [dtype: string, count: number])[] {
  const counts = new Map<string, number>();
  for (const { dtype } of rows) counts.set(dtype, (counts.get(dtype) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1]);
}

/** Rows that are wanted, in the order that is wanted. 50,000 rows take some 100 ms by name, less by number. */
export function selectRows(
  rows: readonly TensorRow[],
  { text, dtype, sort, descending }: Wanted,
): readonly TensorRow[] {
  const part = text.trim().toLowerCase();
  const found = rows.filter(
    (row) =>
      (dtype === '' || row.dtype === dtype) &&
      (part === '' || row.name.toLowerCase().includes(part) || row.role.includes(part)),
  );
  const sorted = sort === 'name' ? byName(found) : found.sort(ORDERS[sort]);
  return descending ? sorted.reverse() : sorted;
}

type Compare = (a: TensorRow, b: TensorRow) => number;
/** Tensors without a place come last, in the order of the table. */
const byPlace: Compare = (a, b) => a.file - b.file || compareStarts(a.start, b.start) || a.index - b.index;
const then =
  (first: Compare): Compare =>
  (a, b) =>
    first(a, b) || byPlace(a, b);
const ORDERS: Readonly<Record<Exclude<Sort, 'name'>, Compare>> = {
  place: byPlace,
  dtype: then((a, b) => (a.dtype < b.dtype ? -1 : a.dtype > b.dtype ? 1 : 0)),
  shape: then(compareShapes),
  parameters: then((a, b) => a.parameters - b.parameters),
  bytes: then((a, b) => a.bytes - b.bytes),
};

function compareStarts(a: number | undefined, b: number | undefined): number {
  if (a === undefined || b === undefined) return a === b ? 0 : a === undefined ? 1 : -1;
  return a - b;
}

/** Fewer dimensions first, then dimension by dimension. */
function compareShapes(a: TensorRow, b: TensorRow): number {
  if (a.shape.length !== b.shape.length) return a.shape.length - b.shape.length;
  for (const [i, n] of a.shape.entries()) if (n !== b.shape[i]) return n - b.shape[i]!;
  return 0;
}

/** `layers.2` before `layers.10`: numbers are filled up once, which is ten times faster than a collator per comparison. */
function byName(rows: TensorRow[]): TensorRow[] {
  const keyed = rows.map((row) => ({ row, key: row.name.replace(/\d{1,12}/g, (digits) => digits.padStart(12, '0')) }));
  keyed.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : byPlace(a.row, b.row)));
  return keyed.map(({ row }) => row);
}

/** Rows as tab-separated text. A name that a spreadsheet would take for a formula, or that breaks the line, is quoted. */
export function rowsAsText(rows: readonly TensorRow[]): string {
  const lines = rows.map(({ path, name, dtype, shape, parameters, bytes, start, digest }) =>
    [safe(name), dtype, shape.join('x'), parameters, bytes, start ?? '', digest ?? '', safe(path)].join('\t'),
  );
  return ['name\tdtype\tshape\tparameters\tbytes\tstart\tassay-tensor-v1\tfile', ...lines].join('\n');
}

function safe(text: string): string {
  return /^[\w./:[\]-][^\p{Cc}\p{Cf}"]*$/u.test(text) && !text.startsWith('-') ? text : JSON.stringify(text);
}
