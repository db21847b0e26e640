import type { FormatId, OpenArtifact, Region } from '../formats/format.ts';

/** Containers that are a header and tensors, and nothing else: there, what is left over belongs to nobody. */
const FLAT: ReadonlySet<FormatId> = new Set<FormatId>(['safetensors', 'gguf']);
/** A gap up to this long is taken for alignment. GGUF's default is 32; page alignment is the largest in use. */
const PADDING_MAX = 4096;

/** What each part of the file is for, in order. @param size bytes of the file */
export function layoutRegions(opened: OpenArtifact, size: number): Region[] {
  const regions: Region[] = [];
  const flat = FLAT.has(opened.format);
  let at = Math.min(opened.headerEnd, size);
  if (at > 0) regions.push({ kind: 'header', start: 0, end: at });
  for (const { name, start, end } of placedTensors(opened)) {
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

function placedTensors(opened: OpenArtifact): { name: string; start: number; end: number }[] {
  const placed: { name: string; start: number; end: number }[] = [];
  for (const { name, storage, byteLength } of opened.tensors) {
    if (storage.kind !== 'range' || storage.strides !== undefined || byteLength === 0) continue;
    placed.push({ name, start: storage.start, end: storage.start + byteLength });
  }
  return placed.sort((a, b) => a.start - b.start || a.end - b.end);
}
