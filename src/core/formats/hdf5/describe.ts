import { FindingCollector } from '../../content/collector.ts';
import { AppError } from '../../errors.ts';
import { HDF5_CHUNK_MAX, ZIP_EXPANSION_MAX } from '../../limits.ts';
import type { TensorEntry, TensorStorage } from '../../tensors/entry.ts';
import { escapes } from '../safe-path.ts';
import { countElements } from '../shape.ts';
import { readChunks } from './chunks.ts';
import type { Dataset } from './dataset.ts';
import { numericDtype } from './datatype.ts';
import { H5Cursor, type H5File } from './file.ts';
import { compresses, unknownFilter } from './filters.ts';
import type { GlobalHeaps } from './global-heap.ts';

/** From here on it is looked at how much of a dataset is stored at all. */
const LARGE = 16 * 1024 * 1024;
/** A dataset that is this many times its file, and large, exists on paper only. */
const PAPER_FACTOR = 1024;

/** A dataset of numbers as a tensor; null when its elements are no numbers. @throws AppError FORMAT_*; SOURCE_* */
export async function describeDataset(
  file: H5File,
  heaps: GlobalHeaps,
  name: string,
  dataset: Dataset,
  findings: FindingCollector,
): Promise<TensorEntry | null> {
  const { type, space, layout } = dataset;
  await reportOtherFiles(file, heaps, name, dataset, findings);
  const numeric = numericDtype(type);
  if (numeric === null || space.empty) return null;
  const byteLength = countElements(space.shape, name) * type.size;
  if (!Number.isSafeInteger(byteLength))
    throw new AppError('FORMAT_OVERFLOW', { tensor: name, shape: space.shape.join('x') });
  const order = numeric.big ? { order: 'big' as const } : {};
  const assembled: TensorStorage = { kind: 'assembled', ...order };
  const entry = (storage: TensorStorage): TensorEntry => ({
    name,
    dtype: numeric.dtype,
    shape: space.shape,
    byteLength,
    storage,
  });

  if (dataset.externalFiles.length > 0 || layout.kind === 'virtual')
    return entry({ kind: 'absent', why: 'another file' });
  if (layout.kind === 'compact') {
    if (layout.length < byteLength) throw mismatch(name, byteLength, layout.length);
    return entry({ kind: 'range', start: layout.start, ...order });
  }
  if (byteLength >= LARGE && byteLength > PAPER_FACTOR * file.source.size) {
    findings.add('resource-shape', 'caution', { name, bytes: byteLength, size: file.source.size });
    return entry({ kind: 'absent', why: 'larger than anything stored' });
  }
  if (layout.kind === 'contiguous') {
    if (layout.address === null) return entry(assembled);
    if (layout.length !== null && layout.length < byteLength) throw mismatch(name, byteLength, layout.length);
    return entry({ kind: 'range', start: file.place(layout.address, byteLength, name), ...order });
  }
  const chunkBytes = layout.chunk.reduce((product, size) => product * size, layout.elementSize);
  if (layout.chunk.length !== space.shape.length || layout.elementSize !== type.size) {
    throw new AppError('FORMAT_SHAPE', { tensor: name, chunk: layout.chunk.join('x') });
  }
  const unknown = unknownFilter(dataset.filters);
  if (unknown !== undefined) {
    findings.add('unsupported-feature', 'note', { name, feature: `filter ${unknown.name}` });
    return entry({ kind: 'absent', why: `filter ${unknown.name}` });
  }
  if (byteLength >= LARGE && compresses(dataset.filters)) {
    let stored = 0;
    for (const place of (await readChunks(file, layout, space, true)).values()) stored += place.stored;
    if (byteLength > ZIP_EXPANSION_MAX * stored) {
      findings.add('decompression-bomb', 'caution', { name, expanded: byteLength, bytes: stored });
    }
  }
  if (chunkBytes > HDF5_CHUNK_MAX) return entry({ kind: 'absent', why: 'chunks too large' });
  return entry(assembled);
}

/** Bytes in other files are named, never fetched. */
async function reportOtherFiles(
  file: H5File,
  heaps: GlobalHeaps,
  name: string,
  { layout, externalFiles }: Dataset,
  findings: FindingCollector,
): Promise<void> {
  const files =
    layout.kind === 'virtual' ? await virtualFiles(file, heaps, layout.heap, layout.heapIndex) : externalFiles;
  for (const path of files) reportPath(findings, 'external-storage', name, path);
}

/** A path to another file: always told, and as a danger when it leaves the folder. */
export function reportPath(
  findings: FindingCollector,
  code: 'external-storage' | 'external-link',
  name: string,
  path: string,
): void {
  const shown = { name: name.slice(0, 200), file: path.slice(0, 200) };
  // A virtual dataset may take from its own file, which is written as a point.
  const why = path === '.' ? null : escapes(path);
  findings.add(code, why === null ? 'caution' : 'danger', shown);
  if (why !== null) findings.add('path-traversal', 'danger', { ...shown, entry: shown.file, why });
}

/** Source files of a virtual dataset: the mapping is an object of the global heap (specification VII.? "VDS"). */
async function virtualFiles(file: H5File, heaps: GlobalHeaps, heap: number | null, index: number): Promise<string[]> {
  if (heap === null) return ['?'];
  const cursor = await heaps.object(heap, index, 1024 * 1024);
  const version = cursor.u8();
  const count = cursor.extent();
  if (count === 0) return [];
  // Only the first entry is read: behind it stand selections whose length their own formats decide.
  const flags = version === 0 ? 0 : cursor.u8();
  if ((flags & 0x04) !== 0) return ['.'];
  const name = new H5Cursor(cursor.take(cursor.remaining), cursor.offset, file.widths).cString();
  return [name];
}

function mismatch(tensor: string, expected: number, actual: number): AppError {
  return new AppError('FORMAT_SIZE_MISMATCH', { tensor, expected, actual });
}
