import type { ByteSource } from '../../bytes/source.ts';
import { AppError } from '../../errors.ts';
import type { OpenArtifact } from '../../formats/format.ts';
import { openZip } from '../../formats/zip/archive.ts';
import { MAP_PARTS_MAX } from '../../limits.ts';
import { flatLayout, mapFile, type FileMap, type MapPart } from '../../report/file-map.ts';

/** What is known beside the tensors. */
interface Records {
  readonly parts: readonly MapPart[];
  readonly complete: boolean;
  readonly alignment: number;
}

/** Formats that are zip archives. */
const ZIPPED: ReadonlySet<string> = new Set(['pytorch-zip', 'torchscript', 'torch-export', 'npz', 'keras']);
/** A data descriptor behind packed data, with its signature and 64-bit sizes (APPNOTE 4.3.9). */
const DESCRIPTOR_MAX = 24;

/**
 * The map of an open container. Flat containers and archives are mapped to the last byte; of the others (protobuf, HDF5,
 * FlatBuffers) the tensors, the header and what findings say is unreferenced, the rest being structure.
 *
 * @throws AppError SOURCE_*
 */
export async function mapOpened(source: ByteSource, opened: OpenArtifact, signal: AbortSignal): Promise<FileMap> {
  const { parts, complete, alignment } = await recordsOf(source, opened, signal);
  const tensors = opened.tensors.flatMap(({ name, storage, byteLength }): MapPart[] => {
    const inOnePiece = storage.kind === 'range' && storage.strides === undefined && byteLength > 0;
    return inOnePiece ? [{ kind: 'tensor', name, start: storage.start, end: storage.start + byteLength }] : [];
  });
  return mapFile({
    size: source.size,
    tensors,
    records: [...parts, ...unreferenced(opened, source.size)].slice(0, MAP_PARTS_MAX),
    complete: complete && parts.length <= MAP_PARTS_MAX,
    alignment,
  });
}

async function recordsOf(source: ByteSource, opened: OpenArtifact, signal: AbortSignal): Promise<Records> {
  const flat = flatLayout(opened.format, opened.facts);
  if (flat !== null) {
    const parts: MapPart[] = [{ kind: 'header', name: 'Header', start: 0, end: flat.header }];
    // An object array is a pickle: its bytes are the array's although no tensor lies there.
    return { parts, complete: opened.facts['contains_pickle'] !== true, alignment: flat.alignment };
  }
  if (ZIPPED.has(opened.format)) return zipRecords(source, signal);
  if (opened.format === 'pytorch-legacy') return { parts: pickles(opened), complete: false, alignment: 1 };
  if (opened.format === 'pickle') {
    const end = opened.facts['first_length'];
    const parts: MapPart[] = typeof end === 'number' ? [{ kind: 'record', name: 'Pickle', start: 0, end }] : [];
    return { parts, complete: false, alignment: 1 };
  }
  return { parts: [], complete: false, alignment: 1 };
}

/** Local headers, packed data and the tables at the end. */
async function zipRecords(source: ByteSource, signal: AbortSignal): Promise<Records> {
  try {
    const archive = await openZip(source, signal);
    const parts: MapPart[] = [];
    const placed = archive.entries
      .filter(({ dataStart }) => dataStart >= 0)
      .sort((a, b) => a.localOffset - b.localOffset);
    const gaps = new Set(archive.gaps.map(({ start }) => start));
    for (const [i, { name, localOffset, dataStart, dataEnd, flags }] of placed.entries()) {
      parts.push({ kind: 'header', name: `Entry header of ${name}`, start: localOffset, end: dataStart });
      parts.push({ kind: 'record', name, start: dataStart, end: dataEnd });
      // Bit 3: sizes and checksum follow the data, unless what follows is longer than sums are.
      if ((flags & 0x8) === 0 || gaps.has(dataEnd)) continue;
      const next = placed[i + 1]?.localOffset ?? archive.directoryStart;
      const end = Math.min(next, dataEnd + DESCRIPTOR_MAX);
      parts.push({ kind: 'header', name: `Checksum of ${name}`, start: dataEnd, end });
    }
    const { directoryStart, directoryEnd } = archive;
    parts.push({ kind: 'header', name: 'Central directory', start: directoryStart, end: directoryEnd });
    return { parts, complete: true, alignment: 1 };
  } catch (error) {
    // Some readers find tensors in archives that are too broken for a list of entries.
    if (error instanceof AppError && error.code.startsWith('FORMAT_')) {
      return { parts: [], complete: false, alignment: 1 };
    }
    throw error;
  }
}

/** The five pickles in front of a legacy PyTorch file, as their lengths were noted on opening. */
function pickles({ metadata }: OpenArtifact): MapPart[] {
  const names = ['Magic number', 'Protocol version', 'System facts', 'The saved object', 'Names of the storages'];
  const lengths = metadata.find(({ key }) => key === 'pickle_lengths')?.value;
  if (typeof lengths !== 'object' || lengths === null || !('values' in lengths)) return [];
  let at = 0;
  return lengths.values.map((length, i): MapPart => {
    const start = at;
    at += Number(length);
    return { kind: 'record', name: `Pickle: ${names[i] ?? 'more'}`, start, end: at };
  });
}

/** Bytes that a finding says nothing refers to. */
function unreferenced({ findings }: OpenArtifact, size: number): MapPart[] {
  return findings.flatMap(({ code, offset, length, detail }): MapPart[] => {
    if ((code !== 'trailing-bytes' && code !== 'hole') || offset === undefined) return [];
    const stated = length ?? detail['bytes'] ?? detail['length'];
    const end = code === 'trailing-bytes' ? size : typeof stated === 'number' ? offset + stated : offset;
    return [{ kind: 'unclaimed', start: offset, end }];
  });
}
