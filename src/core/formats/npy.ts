/** NumPy arrays in files (numpy.org/neps/nep-0001-npy-format). */
import type { ByteSource } from '../bytes/source.ts';
import type { Format, OpenArtifact } from './format.ts';
import { describeArray } from './npy/array.ts';
import { NPY_MAGIC, npyHeaderLength, parseNpyHeader, type NpyHeader } from './npy/header.ts';
import { sha256Hex } from './sha256.ts';

/** The header as text is a fact; one with thousands of fields is cut. */
const HEADER_SHOWN = 4096;

export const npy: Format = {
  id: 'npy',
  title: 'NumPy array',
  extensions: ['.npy'],
  match(head, { name }) {
    const known = Math.min(NPY_MAGIC.length, head.length);
    // A file cut inside the magic is a damaged array only when its name says so.
    return (
      known > (/\.npy$/i.test(name) ? 0 : NPY_MAGIC.length - 1) &&
      NPY_MAGIC.every((byte, i) => i >= known || head[i] === byte)
    );
  },
  open: openNpy,
};

async function openNpy(source: ByteSource, signal?: AbortSignal): Promise<OpenArtifact> {
  const { header, bytes } = await readNpyHeader(source, signal);
  const { entry, findings } = describeArray(header, 'array', source.size);
  return {
    format: 'npy',
    tensors: [entry],
    metadata: [],
    findings,
    facts: npyFacts(header),
    headerEnd: bytes.length,
    headerSha256: await sha256Hex(bytes),
  };
}

/** The header of a file that begins with an array. @throws AppError FORMAT_*; SOURCE_* */
export async function readNpyHeader(
  source: ByteSource,
  signal?: AbortSignal,
): Promise<{ readonly header: NpyHeader; readonly bytes: Uint8Array }> {
  const head = await source.read(0, Math.min(12, source.size), signal);
  const bytes = await source.read(0, npyHeaderLength(head, source.size), signal);
  return { header: parseNpyHeader(bytes), bytes };
}

export function npyFacts(header: NpyHeader): Readonly<Record<string, string | number | boolean>> {
  return {
    npy_version: header.version.join('.'),
    header: header.text.slice(0, HEADER_SHOWN),
    data_start: header.dataStart,
    fortran_order: header.fortran,
    npy_descr: header.type.descr,
  };
}
