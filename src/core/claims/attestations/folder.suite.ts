/** Files in memory as an attestation sees them, and one examination of them, for tests. */
import { createHash } from 'node:crypto';
import { AppError } from '../../errors.ts';
import { wasmHashes } from '../../hash/wasm.ts';
import type { Attestation } from './attestation.ts';
import {
  NO_EXPECTATIONS,
  type AttestationKind,
  type AttestedFolder,
  type Expectations,
  type FileHeader,
  type Supplied,
} from './kind.ts';

export type Files = Readonly<Record<string, Uint8Array | string>>;

export const bytesOf = (value: Uint8Array | string): Uint8Array =>
  typeof value === 'string' ? new TextEncoder().encode(value) : value;

export function memoryFolder(files: Files, headers: Readonly<Record<string, FileHeader>> = {}): AttestedFolder {
  const content = (path: string): Uint8Array => {
    const found = files[path];
    if (found === undefined) throw new AppError('SOURCE_NOT_FOUND', { path });
    return bytesOf(found);
  };
  return {
    files: Object.keys(files).map((path) => ({ path, size: content(path).length })),
    digest: async (path, algorithm, [start, end] = [0, content(path).length]) =>
      createHash(algorithm).update(content(path).subarray(start, end)).digest('hex'),
    async read(path, limit) {
      const bytes = content(path);
      if (bytes.length > limit) throw new AppError('SOURCE_TOO_LARGE', { path });
      return bytes.slice();
    },
    async range(path, start, end) {
      const bytes = content(path);
      if (end > bytes.length) throw new AppError('SOURCE_LENGTH', { path });
      return bytes.slice(start, end);
    },
    async *stream(path) {
      const bytes = content(path);
      // In uneven pieces, as files come.
      for (let at = 0; at < bytes.length; at += 1021) yield bytes.slice(at, at + 1021);
    },
    header: (path) => headers[path],
  };
}

/** The folder as it is when only headers were read. */
export function headersOnly(folder: AttestedFolder): AttestedFolder {
  const refuse = (path: string): never => {
    throw new AppError('ATTEST_NO_BYTES', { path });
  };
  return {
    ...folder,
    digest: async (path) => refuse(path),
    async *stream(path) {
      yield refuse(path);
    },
  };
}

export function given(bytes: Uint8Array | string, name = 'given.pem'): Supplied {
  return { bytes: bytesOf(bytes), origin: { from: 'given', name } };
}

/** @param bytes of the attestation; absent: it stands in the header of the file */
export async function examineIn(
  kind: AttestationKind,
  path: string,
  folder: AttestedFolder,
  expect: Partial<Expectations> = {},
  bytes?: Uint8Array,
): Promise<Attestation> {
  const [found, ...others] = await kind.examine({
    path,
    bytes: bytes ?? new Uint8Array(0),
    folder,
    expect: { ...NO_EXPECTATIONS, ...expect },
    hashes: wasmHashes(),
    now: '2026-12-01T10:00:00.000Z',
    signal: new AbortController().signal,
  });
  if (found === undefined || others.length > 0) throw new Error('not exactly one attestation');
  return found;
}
