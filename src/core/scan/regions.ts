import type { TensorEntry } from '../tensors/entry.ts';
import type { FormatId, OpenArtifact, Region } from '../formats/format.ts';

/** Containers that are a header and tensors, and nothing else: there, what is left over belongs to nobody. */
const FLAT: ReadonlySet<FormatId> = new Set<FormatId>(['safetensors', 'gguf']);
/** A gap up to this long is taken for alignment. GGUF's default is 32; page alignment is the largest in use. */
const PADDING_MAX = 4096;

/** What each part of the file is for, in order. @param size bytes of the file */
export function layoutRegions(opened: OpenArtifact, size: number): Region[] {
  const flat = FLAT.has(opened.format);
  const header = Math.min(opened.headerEnd, size);
  return layOut(header, placedTensors(opened.tensors), flat, size);
}

/** The same for a file that holds the numbers of tensors described in another. @param whole and nothing else */
export function dataRegions(tensors: readonly TensorEntry[], size: number, whole: boolean): Region[] {
  const placed = tensors.flatMap(({ name, storage, byteLength }) =>
    storage.kind === 'external' && byteLength > 0
      ? [{ name, start: storage.start, end: storage.start + byteLength }]
      : [],
  );
  return layOut(0, inOrder(placed), whole, size);
}

interface Placed {
  readonly name: string;
  readonly start: number;
  readonly end: number;
}

/** @param flat true: what is left over belongs to nobody; false: it is the container's own and not listed */
function layOut(header: number, placed: readonly Placed[], flat: boolean, size: number): Region[] {
  const regions: Region[] = [];
  let at = header;
  if (at > 0) regions.push({ kind: 'header', start: 0, end: at });
  for (const { name, start, end } of placed) {
    if (end > size) continue;
    if (flat && start > at) regions.push(gap(at, start));
    // Overlapping tensors share bytes; a region shows the first of them.
    if (end > Math.max(start, at)) regions.push({ kind: 'tensor', start: Math.max(start, at), end, name });
    at = Math.max(at, end);
  }
  if (flat && at < size) regions.push(gap(at, size));
  return regions;
}

function gap(start: number, end: number): Region {
  return { kind: end - start <= PADDING_MAX ? 'padding' : 'unreferenced', start, end };
}

function placedTensors(tensors: readonly TensorEntry[]): Placed[] {
  const placed: Placed[] = [];
  for (const { name, storage, byteLength } of tensors) {
    if (storage.kind !== 'range' || storage.strides !== undefined || byteLength === 0) continue;
    placed.push({ name, start: storage.start, end: storage.start + byteLength });
  }
  return inOrder(placed);
}

function inOrder(placed: readonly Placed[]): Placed[] {
  return placed.toSorted((a, b) => a.start - b.start || a.end - b.end);
}
