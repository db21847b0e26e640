/** NumPy arrays in files (numpy.org/neps/nep-0001-npy-format). */
import type { ByteSource } from '../bytes/source.ts';
import { AppError } from '../errors.ts';
import { METADATA_ARRAY_KEPT } from '../limits.ts';
import { incompleteOr } from './acts.ts';
import { ContentReport } from './archive-content.ts';
import type { Format, OpenArtifact } from './format.ts';
import { describeArray } from './npy/array.ts';
import { npyHeaderLength, parseNpyHeader, type NpyHeader } from './npy/header.ts';
import { looksLikeNpy } from './npy/magic.ts';
import { readObjects } from './npy/objects.ts';
import { sha256Hex } from './sha256.ts';
import { listMetadata } from './torch/metadata.ts';

/** The header as text is a fact; one with thousands of fields is cut. */
const HEADER_SHOWN = 4096;

export const npy: Format = {
  id: 'npy',
  title: 'NumPy array',
  extensions: ['.npy'],
  match: (head, { name }) => looksLikeNpy(head, name),
  open: openNpy,
};

async function openNpy(source: ByteSource, signal?: AbortSignal): Promise<OpenArtifact> {
  const { header, bytes } = await readNpyHeader(source, signal);
  const { entry, findings } = describeArray(header, 'array', source.size);
  const artifact: OpenArtifact = {
    format: 'npy',
    tensors: [entry],
    metadata: [],
    findings,
    facts: npyFacts(header),
    headerEnd: bytes.length,
    headerSha256: await sha256Hex(bytes),
  };
  return header.type.object ? withObjects(source, header, artifact, signal) : artifact;
}

/** The data of an object array are a pickle: its arrays are the tensors, and what it would import is told. */
async function withObjects(
  source: ByteSource,
  header: NpyHeader,
  artifact: OpenArtifact,
  signal: AbortSignal | undefined,
): Promise<OpenArtifact> {
  const report = new ContentReport();
  const content = await readObjects(source, header.dataStart, source.size, '', { shift: 0 }, report, signal);
  return {
    ...artifact,
    tensors: content.entries.length > 0 ? content.entries : artifact.tensors,
    metadata: listMetadata({ pickle_globals: content.globals }, METADATA_ARRAY_KEPT),
    findings: [...artifact.findings, ...report.findings],
    imports: report.imports,
    ...incompleteOr(report.problems, report.findings, report.imports),
    facts: { ...artifact.facts, contains_pickle: true },
    payload(tensor, abort) {
      const bytes = content.payload(tensor, abort);
      if (bytes === null) throw new AppError('ENGINE_INTERNAL', { message: 'no payload', tensor: tensor.name });
      return bytes;
    },
  };
}

/** The header of a file that begins with an array. @throws AppError FORMAT_*; SOURCE_* */
async function readNpyHeader(
  source: ByteSource,
  signal?: AbortSignal,
): Promise<{ readonly header: NpyHeader; readonly bytes: Uint8Array }> {
  const head = await source.read(0, Math.min(12, source.size), signal);
  const bytes = await source.read(0, npyHeaderLength(head, source.size), signal);
  return { header: parseNpyHeader(bytes), bytes };
}

function npyFacts(header: NpyHeader): Readonly<Record<string, string | number | boolean>> {
  return {
    npy_version: header.version.join('.'),
    header: header.text.slice(0, HEADER_SHOWN),
    data_start: header.dataStart,
    fortran_order: header.fortran,
    npy_descr: header.type.descr,
  };
}
