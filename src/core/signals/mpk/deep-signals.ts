/** The weight signals of a model in MPK's database: one Parquet file, long form (signal, layer, row, col, value). */
import { AppError } from '../../errors.ts';
import { sha256Hex } from '../../formats/sha256.ts';
import type { Candidate } from './candidate.ts';
import type { NormFingerprint } from './nlf.ts';
import { checkParquet } from './parquet-bounds.ts';
import type { WeightSignals } from './weights.ts';

/** Rows of one file: 80 layers of 30,000 values, and as much again. */
const ROWS_MAX = 20_000_000;
const ANCHORS_MAX = 4096;
const COLUMNS = ['signal', 'layer', 'row', 'col', 'value'] as const;

/**
 * @param bytes of the Parquet file
 * @throws AppError DB_SHARD_DIGEST {file, expected, actual}; DB_FORMAT {file, where}
 */
export async function readDeepSignals(bytes: Uint8Array, candidate: Candidate): Promise<WeightSignals> {
  const file = candidate.deep?.path ?? candidate.asset_id;
  const expected = candidate.deep?.sha256 ?? null;
  const actual = await sha256Hex(bytes);
  if (expected !== null && expected !== actual) throw new AppError('DB_SHARD_DIGEST', { file, expected, actual });
  try {
    checkParquet(bytes);
    return assemble(await readRows(bytes), candidate);
  } catch (error) {
    if (error instanceof AppError) throw new AppError(error.code, { file, ...error.detail }, error);
    throw new AppError('DB_FORMAT', { file, where: 'Parquet' }, error);
  }
}

interface Row {
  readonly layer: number | null;
  readonly row: number;
  readonly col: number;
  readonly value: number;
}

async function readRows(bytes: Uint8Array): Promise<Map<string, Row[]>> {
  const [{ parquetReadObjects, parquetMetadata }, { gunzipSync }] = await Promise.all([
    import('hyparquet'),
    import('fflate'),
  ]);
  const file = bytes.slice().buffer;
  const metadata = parquetMetadata(file);
  if (metadata.num_rows > BigInt(ROWS_MAX))
    throw new AppError('SOURCE_TOO_LARGE', { rows: String(metadata.num_rows), most: ROWS_MAX });
  const rows = await parquetReadObjects({
    file,
    metadata,
    columns: [...COLUMNS],
    compressors: { GZIP: (input: Uint8Array, length: number) => gunzipSync(input, { out: new Uint8Array(length) }) },
  });
  const bySignal = new Map<string, Row[]>();
  for (const { signal, layer, row, col, value } of rows as Readonly<Record<string, unknown>>[]) {
    const list = bySignal.get(String(signal)) ?? [];
    if (list.length === 0) bySignal.set(String(signal), list);
    list.push({ layer: whole(layer), row: whole(row) ?? 0, col: whole(col) ?? 0, value: Math.fround(Number(value)) });
  }
  return bySignal;
}

/** Integers come as numbers or as 64-bit ones; a column that pandas made of gaps is of floats. */
function whole(value: unknown): number | null {
  const number = value === null || value === undefined ? NaN : Number(value);
  return Number.isNaN(number) ? null : Math.trunc(number);
}

function assemble(rows: ReadonlyMap<string, readonly Row[]>, { signals }: Candidate): WeightSignals {
  const vector = (name: string): Float32Array | null => {
    const found = rows.get(name);
    return found === undefined ? null : inOrder(found);
  };
  const norms = vector('nlf_vector');
  const nlf: NormFingerprint | null =
    norms === null
      ? null
      : { mode: signals.nlf_mode === 'direct' ? 'direct' : 'stats', tensors: signals.nlf_num_layers, vector: norms };
  return {
    eas: matrix(rows.get('eas_self_sim')),
    nlf,
    lep: vector('lep_profile'),
    end: vector('end_histogram'),
    wvc: layers(rows.get('wvc_layer_sigs')),
  };
}

function inOrder(rows: readonly Row[]): Float32Array {
  return Float32Array.from(
    [...rows].sort((a, b) => a.row - b.row),
    ({ value }) => value,
  );
}

function matrix(rows: readonly Row[] | undefined): WeightSignals['eas'] {
  if (rows === undefined) return null;
  const size = rows.reduce((most, { row }) => Math.max(most, row), -1) + 1;
  if (size > ANCHORS_MAX) throw new AppError('DB_FORMAT', { where: 'eas_self_sim' });
  const values = new Float32Array(size * size);
  for (const { row, col, value } of rows) {
    if (row < 0 || col < 0 || col >= size) throw new AppError('DB_FORMAT', { where: 'eas_self_sim' });
    values[row * size + col] = value;
  }
  return { size, values };
}

function layers(rows: readonly Row[] | undefined): WeightSignals['wvc'] {
  if (rows === undefined) return null;
  const byLayer = new Map<number, Row[]>();
  for (const row of rows) {
    if (row.layer === null) continue;
    const list = byLayer.get(row.layer) ?? [];
    if (list.length === 0) byLayer.set(row.layer, list);
    list.push(row);
  }
  return new Map([...byLayer].sort(([a], [b]) => a - b).map(([layer, list]) => [layer, inOrder(list)]));
}
