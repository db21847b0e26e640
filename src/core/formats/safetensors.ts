import { Cursor, toSafeNumber } from '../bytes/cursor.ts';
import type { ByteSource } from '../bytes/source.ts';
import { FindingCollector } from '../content/collector.ts';
import type { PickleFacts } from '../content/pickle/scan.ts';
import { AppError } from '../errors.ts';
import { SAFETENSORS_HEADER_MAX } from '../limits.ts';
import type { TensorEntry } from '../tensors/entry.ts';
import type { Format, MetaEntry, OpenArtifact } from './format.ts';
import { looksLikeSafetensors } from './magic.ts';
import { findPolyglot, type Polyglot } from './polyglot.ts';
import { readHeader, type StatedHeader } from './safetensors/header.ts';
import { readLargeHeader, type LargeHeader } from './safetensors/large-header.ts';
import { checkLayout, lostTensors } from './safetensors/layout.ts';
import { sha256Hex } from './sha256.ts';

/** u64, little-endian, in front of the JSON. */
const LENGTH_FIELD = 8;
/** Tensors without a single byte: a few are ordinary, thousands only cost the reader. */
const EMPTY_TENSORS_NOTED = 1000;

/**
 * safetensors: a length, a JSON header, the tensors' bytes (github.com/huggingface/safetensors, README "Format").
 * What its reference reader refuses is refused here: holes, overlaps, trailing bytes, duplicate names.
 */
export const safetensors: Format = {
  id: 'safetensors',
  title: 'safetensors',
  extensions: ['.safetensors'],
  match: (head, source) => looksLikeSafetensors(head, source.size),
  open: openSafetensors,
};

/**
 * Reads the header, and the last 64 KiB to see whether the file is something else as well.
 *
 * @throws AppError FORMAT_TRUNCATED {tensor?, missing, expected, actual}: the file ends before the header says it does;
 *   FORMAT_HEADER_LENGTH, FORMAT_HOLE, FORMAT_OVERLAP, FORMAT_TRAILING_BYTES and all of `readHeader`; SOURCE_*
 */
export async function openSafetensors(source: ByteSource, signal?: AbortSignal): Promise<OpenArtifact> {
  const { size } = source;
  const dataStart = await readDataStart(source, signal);
  const findings = new FindingCollector();
  const { stated, sha256: headerSha256, head } = await readJson(source, dataStart, findings, signal);
  const { ordered, end } = checkLayout(stated.tensors, dataStart);
  if (dataStart + end > size) throw lostTensors(ordered, dataStart, size, dataStart + end);
  const polyglot = await findPolyglot(source, head, signal);
  if (dataStart + end < size) {
    throw new AppError('FORMAT_TRAILING_BYTES', {
      bytes: size - dataStart - end,
      offset: dataStart + end,
      ...(polyglot === null ? {} : { polyglot: polyglot.kind }),
    });
  }
  if (polyglot !== null) {
    findings.add('polyglot', 'danger', { kind: polyglot.kind.toUpperCase() }, { offset: polyglot.offset });
  }
  noteEmpty(stated, findings);
  const inside = polyglot === null ? null : await lookInside(source, polyglot, signal);
  return {
    format: 'safetensors',
    tensors: stated.tensors.map((tensor) => entry(tensor, dataStart)),
    metadata: metadataEntries(stated),
    findings: [...findings.list(), ...(inside?.findings ?? [])],
    ...(inside === null ? {} : { imports: inside.imports }),
    facts: {
      header_length: dataStart - LENGTH_FIELD,
      header_length_multiple_of_8: (dataStart - LENGTH_FIELD) % 8 === 0,
      data_start: dataStart,
      data_bytes: size - dataStart,
      has_metadata: stated.metadata !== null,
      tensor_count: stated.tensors.length,
    },
    headerEnd: dataStart,
    headerSha256,
  };
}

/** Archives are read by a part of the program that few files need. */
async function lookInside(source: ByteSource, polyglot: Polyglot, signal?: AbortSignal): Promise<PickleFacts> {
  return (await import('./second-reading.ts')).secondReading(source, polyglot, signal);
}

/** Headers above this are read in pieces; the largest of real models has 4 MB. */
const HEADER_AT_ONCE = 8 * 1024 * 1024;

async function readJson(
  source: ByteSource,
  dataStart: number,
  findings: FindingCollector,
  signal: AbortSignal | undefined,
): Promise<LargeHeader> {
  if (dataStart > HEADER_AT_ONCE) return readLargeHeader(source, LENGTH_FIELD, dataStart, findings, signal);
  const head = await source.read(0, dataStart, signal);
  const sha256 = await sha256Hex(head);
  return { stated: readHeader(head.subarray(LENGTH_FIELD), LENGTH_FIELD, findings), sha256, head };
}

/** Where the data section begins, held against the file and the reference reader's limit. */
async function readDataStart(source: ByteSource, signal: AbortSignal | undefined): Promise<number> {
  const { size } = source;
  if (size < LENGTH_FIELD) {
    const detail = { where: 'header length', missing: LENGTH_FIELD - size, expected: LENGTH_FIELD, actual: size };
    throw new AppError('FORMAT_TRUNCATED', detail);
  }
  const stated = new Cursor(await source.read(0, LENGTH_FIELD, signal)).u64();
  const header = stated <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(stated) : stated.toString();
  const refuse = { header, size, max: SAFETENSORS_HEADER_MAX };
  if (stated === 0n || stated > BigInt(SAFETENSORS_HEADER_MAX)) throw new AppError('FORMAT_HEADER_LENGTH', refuse);
  const dataStart = LENGTH_FIELD + toSafeNumber(stated);
  if (dataStart > size) {
    const detail = { where: 'header', missing: dataStart - size, expected: dataStart, actual: size };
    throw new AppError('FORMAT_TRUNCATED', detail);
  }
  return dataStart;
}

function entry(tensor: StatedHeader['tensors'][number], dataStart: number): TensorEntry {
  const { name, dtype, shape, begin, end } = tensor;
  return {
    name,
    dtype: dtype.name,
    shape,
    byteLength: end - begin,
    storage: { kind: 'range', start: dataStart + begin },
  };
}

function metadataEntries({ metadata }: StatedHeader): MetaEntry[] {
  return metadata === null ? [] : [...metadata].map(([key, value]) => ({ key, type: 'STRING', value }));
}

function noteEmpty({ tensors }: StatedHeader, findings: FindingCollector): void {
  const empty = tensors.reduce((count, tensor) => count + (tensor.begin === tensor.end ? 1 : 0), 0);
  if (empty <= EMPTY_TENSORS_NOTED) return;
  findings.add('many-entries', 'caution', { what: 'tensors without content', count: empty, tensors: tensors.length });
}
