import type { FindingCollector } from '../../content/collector.ts';
import { AppError } from '../../errors.ts';
import { byteLength } from '../../tensors/dtypes.ts';
import type { TensorEntry } from '../../tensors/entry.ts';
import type { StatedHeader } from './header.ts';

export interface Layout {
  /** In the order of the table. */
  readonly tensors: readonly TensorEntry[];
  /** Offset in the file that tensor offsets count from. */
  readonly dataStart: number;
  /** Where the last tensor ends. */
  readonly dataEnd: number;
  /** Filling up to the next multiple of the alignment, between tensors and after the last. Empty ones left out. */
  readonly paddings: readonly { readonly start: number; readonly end: number }[];
}

type Placed = TensorEntry & { readonly storage: Extract<TensorEntry['storage'], { readonly kind: 'range' }> };

const SHOWN = 200;
/** ggml uses these two for intermediate results; files do not hold them. */
const INTERMEDIATE: ReadonlySet<string> = new Set(['Q8_1', 'Q8_K']);

/**
 * Places the tensors in the file and holds them against each other and against its size.
 *
 * ggml wants each tensor at the aligned end of the one before, in the order of the table. Other orders and gaps are read
 * by some tools, so they are findings; shared bytes and misaligned offsets are refused.
 *
 * @throws AppError FORMAT_SHAPE, FORMAT_OVERFLOW, FORMAT_OFFSETS, FORMAT_OVERLAP; FORMAT_TRUNCATED {tensor, missing,
 *   expected, actual, lost}: the file ends early, `tensor` is the first one lost; FORMAT_BOUNDS: a tensor beyond the end
 *   that was not simply cut off, as there is a gap before it
 */
export function layOut(header: StatedHeader, size: number, findings: FindingCollector): Layout {
  const { alignment, tensorsEnd } = header;
  const dataStart = header.tensors.length === 0 ? tensorsEnd : alignUp(tensorsEnd, alignment);
  const tensors = header.tensors.map((stated) => place(stated, header, dataStart));
  noteOrder(tensors, findings);
  const ordered = tensors.toSorted((a, b) => a.storage.start - b.storage.start || a.byteLength - b.byteLength);
  const { paddings, gaps, end } = walk(ordered, dataStart, alignment, findings);
  if (end > size) throw lost(ordered, size, end, gaps);
  const paddedEnd = Math.min(size, alignUp(end, alignment));
  if (size > paddedEnd) findings.add('trailing-bytes', 'caution', { bytes: size - paddedEnd }, { offset: paddedEnd });
  for (const { name, dtype } of tensors) {
    if (INTERMEDIATE.has(dtype)) findings.add('unusual-type', 'caution', { tensor: name.slice(0, SHOWN), dtype });
  }
  return {
    tensors,
    dataStart,
    dataEnd: end,
    paddings: [{ start: tensorsEnd, end: dataStart }, ...paddings, { start: end, end: paddedEnd }].filter(
      (padding) => padding.end > padding.start,
    ),
  };
}

function place(
  stated: StatedHeader['tensors'][number],
  { alignment, endian }: StatedHeader,
  dataStart: number,
): Placed {
  const { name, dtype, ne, offset } = stated;
  const tensor = name.slice(0, SHOWN);
  const shape = ne.toReversed();
  let length: number;
  try {
    length = byteLength(dtype, shape);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    throw new AppError(error.code, { tensor, ...error.detail }, error);
  }
  if (offset % alignment !== 0) throw new AppError('FORMAT_OFFSETS', { tensor, at: offset, alignment });
  const start = dataStart + offset;
  if (!Number.isSafeInteger(start + length)) throw new AppError('FORMAT_OVERFLOW', { tensor, at: offset });
  // A single byte has no order; block types swap their scales.
  const order = endian === 'big' && dtype.bytes > 1 ? ({ order: 'big' } as const) : {};
  return { name, dtype: dtype.name, shape, byteLength: length, storage: { kind: 'range', start, ...order } };
}

function noteOrder(placed: readonly Placed[], findings: FindingCollector): void {
  for (let i = 1; i < placed.length; i++) {
    const { start } = placed[i]!.storage;
    if (start >= placed[i - 1]!.storage.start) continue;
    const detail = { tensor: placed[i]!.name.slice(0, SHOWN), other: placed[i - 1]!.name.slice(0, SHOWN) };
    findings.add('bad-offsets', 'caution', detail, { offset: start });
  }
}

/** From tensor to tensor through the file. */
function walk(ordered: readonly Placed[], dataStart: number, alignment: number, findings: FindingCollector) {
  const paddings: { start: number; end: number }[] = [];
  let end = dataStart;
  let before = '';
  let gaps = 0;
  for (const { name, byteLength: length, storage } of ordered) {
    // Tensors without elements take no place: they may stand anywhere, even where another begins.
    if (length === 0) continue;
    const { start } = storage;
    const tensor = name.slice(0, SHOWN);
    if (start < end) throw new AppError('FORMAT_OVERLAP', { tensor, other: before, offset: start, bytes: end - start });
    const padded = end === dataStart ? end : alignUp(end, alignment);
    paddings.push({ start: end, end: Math.min(padded, start) });
    if (start > padded) {
      gaps++;
      findings.add('hole', 'caution', { tensor, bytes: start - padded }, { offset: padded, length: start - padded });
    }
    end = start + length;
    before = tensor;
  }
  return { paddings, gaps, end };
}

function lost(ordered: readonly Placed[], size: number, expected: number, gaps: number): AppError {
  const cut = ordered.filter(({ storage, byteLength: length }) => storage.start + length > size);
  return new AppError(gaps > 0 ? 'FORMAT_BOUNDS' : 'FORMAT_TRUNCATED', {
    tensor: cut[0]!.name.slice(0, SHOWN),
    missing: expected - size,
    expected,
    actual: size,
    lost: cut.length,
    tensors: ordered.length,
  });
}

/** Offsets exceed 32 bits, so no bit tricks: ggml's GGML_PAD in 32-bit JavaScript arithmetic wraps at 2 GiB. */
export function alignUp(offset: number, alignment: number): number {
  const over = offset % alignment;
  return over === 0 ? offset : offset + (alignment - over);
}
