/**
 * Which byte of a file belongs to what: parts in order that cover it from the first byte to the last, without overlap.
 * A pure function, so that a worker with the open file and a screen with nothing but a report draw the same map.
 */
import type { ReportArtifact } from './report.ts';

/**
 * `unclaimed`: the container is fully understood and nothing in it points here. `unmapped`: inside the container's own
 * structure, which is not followed this far; nothing is said about it.
 */
export type PartKind = 'header' | 'tensor' | 'record' | 'padding' | 'unclaimed' | 'unmapped';

export interface MapPart {
  readonly kind: PartKind;
  /** Byte offsets in the file, end exclusive. */
  readonly start: number;
  readonly end: number;
  /** Tensor name, or what a header or record is. Hostile text. */
  readonly name?: string;
}

export interface PartTotal {
  readonly parts: number;
  readonly bytes: number;
}

export interface FileMap {
  readonly size: number;
  readonly parts: readonly MapPart[];
  readonly totals: Readonly<Record<PartKind, PartTotal>>;
}

export interface MapInput {
  readonly size: number;
  /** Stored tensors; they are drawn over records that contain them (an archive's entry with many tensors). */
  readonly tensors: readonly MapPart[];
  /** Headers, archive entries, tables, and bytes that a finding says nobody refers to. */
  readonly records: readonly MapPart[];
  /** Every byte that belongs to something is listed: what is left over belongs to nothing. */
  readonly complete: boolean;
  /** Multiple at which the next thing may begin; shorter gaps up to it are filling. 1: the format has none. */
  readonly alignment: number;
}

/** Parts may overlap and reach beyond the file (both happen in broken files): the first one keeps the bytes. */
export function mapFile({ size, tensors, records, complete, alignment }: MapInput): FileMap {
  const over = flatten(tensors, size);
  const claimed = [...over, ...subtract(flatten(records, size), over)].sort((a, b) => a.start - b.start);
  const parts: MapPart[] = [];
  let at = 0;
  const gap = (end: number): void => {
    if (end <= at) return;
    const filling = end - at < alignment && (end % alignment === 0 || end === size);
    parts.push({ kind: !complete ? 'unmapped' : filling ? 'padding' : 'unclaimed', start: at, end });
  };
  for (const part of claimed) {
    gap(part.start);
    parts.push(part);
    at = part.end;
  }
  gap(size);
  return { size, parts, totals: totalsOf(parts) };
}

/** In order, cut to the file, each byte given to the part that begins first. */
function flatten(parts: readonly MapPart[], size: number): MapPart[] {
  const flat: MapPart[] = [];
  let at = 0;
  for (const part of parts.toSorted((a, b) => a.start - b.start || a.end - b.end)) {
    const start = Math.max(part.start, at);
    const end = Math.min(part.end, size);
    if (start >= end) continue;
    flat.push(start === part.start && end === part.end ? part : { ...part, start, end });
    at = end;
  }
  return flat;
}

/** What of `under` is not covered by `over`; both in order and without overlap among themselves. */
function subtract(under: readonly MapPart[], over: readonly MapPart[]): MapPart[] {
  const left: MapPart[] = [];
  let first = 0;
  for (const part of under) {
    let at = part.start;
    while (first < over.length && over[first]!.end <= at) first++;
    for (let i = first; i < over.length && over[i]!.start < part.end; i++) {
      if (over[i]!.start > at) left.push({ ...part, start: at, end: over[i]!.start });
      at = over[i]!.end;
    }
    if (at < part.end) left.push({ ...part, start: at });
  }
  return left;
}

function totalsOf(parts: readonly MapPart[]): FileMap['totals'] {
  const totals: Record<PartKind, { parts: number; bytes: number }> = {
    header: { parts: 0, bytes: 0 },
    tensor: { parts: 0, bytes: 0 },
    record: { parts: 0, bytes: 0 },
    padding: { parts: 0, bytes: 0 },
    unclaimed: { parts: 0, bytes: 0 },
    unmapped: { parts: 0, bytes: 0 },
  };
  for (const { kind, start, end } of parts) {
    totals[kind].parts += 1;
    totals[kind].bytes += end - start;
  }
  return totals;
}

/** What a flat container (header, then tensors) states about its own layout; null for containers that need a look inside. */
export function flatLayout(
  format: string | undefined,
  facts: ReportArtifact['facts'],
): { readonly header: number; readonly alignment: number } | null {
  const number = (key: string): number => (typeof facts[key] === 'number' ? facts[key] : 0);
  if (format === 'safetensors' || format === 'npy') return { header: number('data_start'), alignment: 1 };
  if (format === 'gguf') return { header: number('tensor_infos_end'), alignment: Math.max(1, number('alignment')) };
  return null;
}

/** The part of the file at a byte; null beyond its end. Parts cover the file, so there is exactly one. */
export function partAt(map: FileMap, offset: number): number | null {
  let low = 0;
  let high = map.parts.length - 1;
  while (low <= high) {
    const middle = Math.floor((low + high) / 2);
    const part = map.parts[middle]!;
    if (offset < part.start) high = middle - 1;
    else if (offset >= part.end) low = middle + 1;
    else return middle;
  }
  return null;
}

/** The map as far as a report alone tells it: of flat containers; null for the others, which need their file. */
export function mapOfReport({ format, facts, size, tensors }: ReportArtifact): FileMap | null {
  const flat = flatLayout(format, facts);
  if (flat === null || flat.header === 0) return null;
  return mapFile({
    size,
    tensors: tensors.flatMap(({ name, start, bytes, file }): MapPart[] =>
      start === undefined || file !== undefined ? [] : [{ kind: 'tensor', name, start, end: start + bytes }],
    ),
    records: [{ kind: 'header', name: 'Header', start: 0, end: flat.header }],
    // An object array is a pickle: its bytes are the array's although no tensor lies there.
    complete: facts['contains_pickle'] !== true,
    alignment: flat.alignment,
  });
}

/** External data is laid out on pages of memory (onnx, `external_data_helper.py`: 4,096 bytes): shorter gaps are filling. */
const PAGE = 4096;

/**
 * The map of a file that holds the numbers of tensors described in others (ONNX external data, TensorFlow data files);
 * null when no file describes it, or when it is a container of its own.
 */
export function mapOfData(
  artifacts: readonly ReportArtifact[],
  { path, size, format }: ReportArtifact,
): FileMap | null {
  if (format !== undefined) return null;
  const tensors = artifacts.flatMap((other) =>
    other.tensors.flatMap(({ name, start, bytes, file }): MapPart[] =>
      file === path && start !== undefined ? [{ kind: 'tensor', name, start, end: start + bytes }] : [],
    ),
  );
  if (tensors.length === 0) return null;
  // TensorFlow's data files hold text and parts of variables besides.
  const complete = artifacts.every((a) => a.format === 'onnx' || !a.tensors.some(({ file }) => file === path));
  return mapFile({ size, tensors, records: [], complete, alignment: PAGE });
}
